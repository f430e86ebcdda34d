import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { emptyTemplate } from '../../../../src/contract/invitation-template.ts'
import { groups, mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, putMeeting } from '../../../kit.ts'
import { command } from '../../audit/kit.ts'
import { ada, openWorld, variables } from '../../kit.ts'
import { keysOf } from '../../vault/kit.ts'
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

test('an administrator sets, moves, explains and removes policies by command', async () => {
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  const service = await world.startService()
  await putMeeting(service.origin, await world.token(), newKey())
  await service.stop()
  const organisation = ['--organisation', ada.tenantId]
  const policy = async (...args: string[]) => {
    const { code, output, errors } = await command(
      { DATA_DIR: world.settings.DATA_DIR },
      'admin',
      'policy',
      ...args,
    )
    return { code, errors, output, said: args.includes('--json') && code < 2 ? JSON.parse(output) : output }
  }

  expect(await policy('set', 'calendar', 'read', ...organisation)).toMatchObject({
    code: 0,
    output: 'calendar\tread\teverybody\n',
  })
  await policy('set', 'calendar', 'off', ...organisation, '--group', groups.contractors)
  const first = await policy(
    ...['set', 'calendar', 'read-write', ...organisation, '--group', groups.pilots, '--at', '1', '--json'],
  )
  expect(first.said).toMatchObject({
    version: 3,
    rules: [
      { group: groups.pilots, name: 'calendar', value: 'read-write' },
      { group: null, name: 'calendar', value: 'read' },
      { group: groups.contractors, name: 'calendar', value: 'off' },
    ],
  })
  const preview = await policy('set', 'calendar', 'off', ...organisation, '--preview', '--json')
  expect(preview.said).toMatchObject({ certain: 0, possible: 1 })
  const explained = await policy('explain', subjectOf(ada), '--json')
  expect(explained.said).toMatchObject({ groups: 'not_asked' })
  expect(explained.said.values[0]).toMatchObject({ value: 'off', by: 'group', group: groups.contractors })
  for (const group of [groups.pilots, groups.contractors])
    expect((await policy('remove', 'calendar', ...organisation, '--group', group)).code).toBe(0)
  expect((await policy('list', ...organisation, '--json')).said).toMatchObject({
    version: 5,
    rules: [{ group: null, value: 'read' }],
    defaults: { calendar: 'read', apps: 'direct' },
  })

  for (const [wrong, says] of [
    [['set', 'calendar', 'write', ...organisation], 'calendar: off, read, read-write'],
    [['set', 'everything', 'off', ...organisation], 'The policies are'],
    [['set', 'calendar', 'off', ...organisation, '--group', 'Pilots'], '--group must be'],
    [['set', 'calendar', 'off', '--organisation', 'contoso'], '--organisation must be'],
    [['set', 'calendar', 'off', ...organisation, '--at', '0'], '--at must be'],
    [['remove', 'apps', ...organisation], 'There is no such rule'],
    [['explain', 'ada'], 'Name one person'],
    [['move'], 'There is no command'],
  ] as const) {
    const refused = await policy(...wrong)
    expect(refused.code).toBe(2)
    expect(refused.errors).toContain(says)
  }
})

test('an administrator sets the invitation by command, and the service uses it; a fault is named with its place', async () => {
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  await (await world.startService()).stop()
  const { PORT: _, ...environment } = { ...variables, DATA_DIR: world.settings.DATA_DIR }
  const invitation = (...args: string[]) =>
    command(environment, 'admin', 'invitation', ...args, '--organisation', ada.tenantId)
  const file = join(world.settings.DATA_DIR, 'invitation.json')
  const write = (before: string) =>
    writeFileSync(file, JSON.stringify({ ...emptyTemplate, texts: { other: { before, after: '' } } }))

  expect(await invitation('show')).toMatchObject({ code: 0, output: 'null\n' })
  write('Welcome to {place}')
  expect(await invitation('set', file)).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/texts\.other\.before .* at line 1, column 12/),
  })
  write('Welcome')
  expect((await invitation('set', file)).code).toBe(0)
  expect(JSON.parse((await invitation('show')).output)).toMatchObject({
    texts: { other: { before: 'Welcome' } },
  })
  const service = await world.startService()
  const { body } = await putMeeting(service.origin, await world.token(), newKey())
  expect(body.invitation).toEqual({ before: 'Welcome' })
  await service.stop()
  expect(await invitation('remove')).toMatchObject({ code: 0, output: 'null\n' })
  for (const [wrong, says] of [
    [['set'], 'name one file'],
    [['move'], 'There is no command'],
  ] as const) {
    const refused = await invitation(...wrong)
    expect(refused.code).toBe(2)
    expect(refused.errors).toContain(says)
  }
})

test('an administrator rotates the key by command: the file keeps its mode whatever the shell’s umask is, and the service goes on with the new one', async () => {
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  const file = join(world.settings.DATA_DIR, 'keys')
  const run = (...args: string[]) => command({ VAULT_KEYS_FILE: file }, 'admin', 'key', ...args)
  const names = () =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':')[0])
  const use = async () => {
    const service = await world.startService({ VAULT_KEYS: settingFrom(readFileSync(file, 'utf8')) })
    expect((await putMeeting(service.origin, await world.token(), newKey())).status).toBe(200)
    await service.stop()
  }

  const first = await command({}, 'admin', 'key', 'new', '--name', 'first')
  expect(first).toMatchObject({ code: 0, output: expect.stringMatching(/^first:[\w+/]{43}=\n$/) })
  writeFileSync(file, first.output)
  chmodSync(file, 0o640)
  const before = process.umask(0o077)
  onTestFinished(() => void process.umask(before))
  await use()
  expect(await run('new', '--last', '--name', 'second')).toMatchObject({ code: 0, errors: '' })
  expect(names()).toEqual(['first', 'second'])
  expect(await run('activate', 'second', '--json')).toMatchObject({
    code: 0,
    output: `${JSON.stringify({ key: 'second', active: 'second', file })}\n`,
  })
  expect((await run('new')).code).toBe(0)
  expect(names()).toEqual([new Date().toISOString().slice(0, 7), 'second', 'first'])
  expect(statSync(file).mode & 0o777).toBe(0o640)
  expect(readFileSync(file, 'utf8')).toContain(first.output)
  await use()

  const kept = readFileSync(file, 'utf8')
  for (const [wrong, says] of [
    [['new', '--name', 'first'], 'There is a key "first" already'],
    [['new', '--name', 'Not a name'], '--name must be 1 to 32 small letters'],
    [['activate', 'third'], 'VAULT_KEYS_FILE has no key "third"'],
    [['activate'], 'Name one key'],
    [['turn'], 'There is no command "key turn"'],
  ] as const)
    expect(await run(...wrong)).toMatchObject({ code: 2, output: '', errors: expect.stringContaining(says) })
  expect(readFileSync(file, 'utf8')).toBe(kept)
})

const settingFrom = (text: string) => keysOf(...text.trimEnd().split('\n'))
