import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { temporaryFolder } from '../../../../src/simulator/kit/temporary.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { commandsIn, filled } from '../../../guide.ts'
import { newKey, nextSecond, putMeeting } from '../../../kit.ts'
import { command } from '../../audit/kit.ts'
import { asker } from '../../identity/kit.ts'
import { ada, hasPostgres, openWorld } from '../../kit.ts'
import { settings } from '../../sync/kit.ts'
import { subjectOf } from '../kit.ts'

const page = 'docs/incidents.md'
const alan = mailboxes['no-bridge']

describe.skipIf(!hasPostgres)('by the guide for incidents', () => {
  test('a person whose laptop is stolen has nothing any more, another one goes on, and the audit trail says what was done', async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const { origin } = await world.startService(settings)
    const ask = asker(origin)
    const key = newKey()
    const proof = await world.token()
    const calendar = async (bearer: string) =>
      (await ask('PUT', connectionPath('microsoft'), { bearer })).body.state
    for (const person of [ada, alan]) expect(await calendar(await world.token(person))).toBe('connected')
    await ask('PUT', paths.defaults, { bearer: proof, body: { options: { waitingRoom: 'on' } } })
    const { ticket } = (await putMeeting(origin, proof, key)).body

    const { DATABASE_URL = '' } = world.settings
    const run = async (line = '', values = {}) => {
      const [, words = ''] = /^npx zoom-for-outlook (.*)$/.exec(filled(line, values)) ?? []
      const { code, output, errors } = await command({ DATABASE_URL }, ...words.split(' '))
      expect({ line, code, errors }).toEqual({ line, code: 0, errors: '' })
      return output
    }
    const [[find, revoke, look] = [], [allow] = []] = commandsIn(page, 'A laptop is stolen')
    const [subject = ''] = (await run(find)).split('\t')
    expect(subject).toBe(subjectOf(ada))
    await run(revoke, { subject })
    expect(JSON.parse(await run(look, { subject }))).toMatchObject({
      connections: [{ state: 'disconnected_by_administrator' }],
      credentials: [],
      sessions: 0,
      tickets: 0,
    })
    expect((await ask('GET', paths.me, { bearer: proof })).status).toBe(401)
    for (const bearer of [proof, String(ticket)])
      expect((await putMeeting(origin, bearer, key)).status).toBe(401)
    await nextSecond()
    expect(await calendar(await world.token())).toBe('disconnected_by_administrator')
    expect((await putMeeting(origin, await world.token(alan), newKey())).status).toBe(200)

    await run(allow, { subject })
    expect(await calendar(await world.token())).toBe('connected')

    const { output } = await command({ DATABASE_URL }, 'admin', 'audit', 'export')
    const by = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ caller }) => caller === 'command-line')
      .map(({ act, subject }) => [act, subject])
    expect(by.slice(0, 4)).toEqual([
      ['people viewed', null],
      ['person revoked', `person:${subject}`],
      ['person viewed', `person:${subject}`],
      ['person allowed', `person:${subject}`],
    ])
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    const file = join(folder.path, 'audit.jsonl')
    writeFileSync(file, output)
    expect(await command({}, 'admin', 'audit', 'verify', '--file', file)).toMatchObject({ code: 0 })
  })
})
