import { expect, onTestFinished, test } from 'vitest'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, putMeeting } from '../../../kit.ts'
import { command } from '../../audit/kit.ts'
import { ada, openWorld } from '../../kit.ts'
import { subjectOf } from '../kit.ts'

const alan = mailboxes['no-bridge']

test('an administrator finds, sees, revokes and allows people by command, and sees the keys', async () => {
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  const service = await world.startService()
  for (const person of [ada, alan]) await putMeeting(service.origin, await world.token(person), newKey())
  await service.stop()
  const run = async (...args: string[]) => {
    const { code, output, errors } = await command({ DATA_DIR: world.settings.DATA_DIR }, 'admin', ...args)
    return { code, errors, said: args.includes('--json') && code < 2 ? JSON.parse(output) : output }
  }

  const all = await run('people', '--json')
  expect(all.said.people.map(({ subject }: { subject: string }) => subject)).toEqual([
    subjectOf(ada),
    subjectOf(alan),
  ])
  const named = await run('people', '--sign-in-name', alan.emailAddress)
  expect(named).toMatchObject({
    code: 0,
    said: expect.stringMatching(new RegExp(`^${subjectOf(alan)}\t[\\w-]+\t-\n$`)),
  })

  const nobody = subjectOf({ ...ada, objectId: '00000000-0000-0000-0000-000000000000' })
  expect(await run('revoke', subjectOf(ada), nobody, '--json')).toMatchObject({
    code: 1,
    said: { results: [{ subject: subjectOf(ada) }, { subject: nobody, why: expect.any(String) }] },
  })
  const ended = await run('person', subjectOf(ada), '--json')
  expect(ended.said).toMatchObject({ connections: [{ state: 'disconnected_by_administrator' }], tickets: 0 })
  expect(ended.said.happened).toContainEqual(
    expect.objectContaining({
      act: 'person revoked',
      caller: 'command-line',
      organisation: `entra:${ada.tenantId}`,
    }),
  )
  expect((await run('allow', subjectOf(ada))).code).toBe(0)
  expect((await run('person', subjectOf(ada), '--json')).said.connections).toEqual([])
  expect((await run('keys', '--json')).said.keys).toMatchObject([{ key: 'test', active: true }])

  for (const [wrong, says] of [
    [['person', 'ada@contoso.example'], 'Name people by their ids'],
    [['person', nobody], 'stores nothing'],
  ] as const) {
    const refused = await run(...wrong)
    expect(refused.code).toBe(2)
    expect(refused.errors).toContain(says)
  }
})
