import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { emptyTemplate } from '../../../../src/contract/invitation-template.ts'
import { temporaryFolder } from '../../../../src/simulator/kit/temporary.ts'
import { groups, mailboxes, rooms } from '../../../../src/simulator/people.ts'
import { commandsIn, filled } from '../../../guide.ts'
import { newKey, putMeeting } from '../../../kit.ts'
import { packedCommand } from '../../audit/kit.ts'
import { type Deployment, openDeployment } from '../../doctor/kit.ts'
import { ada, hasPostgres } from '../../kit.ts'
import { subjectOf } from '../kit.ts'

const page = 'docs/administrators.md'
const alan = mailboxes['no-bridge']
const [attic, cellar] = [rooms.attic.objectId, rooms.cellar.objectId]
const azureCli = fileURLToPath(new URL('../../entra-script/az.mjs', import.meta.url))

// Each line runs in a shell, as its reader runs it.
describe.skipIf(!hasPostgres)('by the guide, an administrator', { timeout: 600_000 }, () => {
  const folder = temporaryFolder()
  let deployment: Deployment
  let env: Record<string, string | undefined>
  beforeAll(async () => {
    deployment = await openDeployment({ built: true })
    for (const person of [ada, alan])
      await putMeeting(deployment.plain, await deployment.world.token(person), newKey())
    const bin = join(folder.path, 'bin')
    mkdirSync(bin)
    const programs = {
      npx: `[ "$1" = zoom-for-outlook ] || exit 1; shift; set -- '${await packedCommand()}' "$@"`,
    }
    for (const [name, first] of Object.entries({ ...programs, az: `set -- '${azureCli}' "$@"` })) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${first}\nexec '${process.execPath}' "$@"\n`)
      chmodSync(join(bin, name), 0o755)
    }
    const { entra, graphOrigin, environment } = deployment
    const scp = 'Application.Read.All DelegatedPermissionGrant.Read.All'
    env = {
      ...environment,
      PATH: `${bin}:${process.env.PATH}`,
      CALENDAR_PERMISSION: 'read-write',
      AZ_TENANT: ada.tenantId,
      AZ_TOKEN: await entra.sign({ ...entra.claims(ada), aud: graphOrigin, scp }),
    }
  })
  afterAll(async () => {
    await deployment?.close()
    await folder.remove()
  })

  /** Runs a line. `values`: what its `<…>` stand for. Returns what it wrote. */
  async function run(line = '', values: Record<string, string> = {}): Promise<string> {
    const told = filled(line, { 'directory id': ada.tenantId, ...values })
    expect(told).not.toMatch(/<[\w ]+>/)
    const said = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) =>
      execFile('sh', ['-c', told], { cwd: folder.path, env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      ),
    )
    expect({ told, ...said }).toMatchObject({ code: 0 })
    return said.stdout
  }

  test('checks the deployment, and the scope of the application', async () => {
    onTestFinished(deployment.mend)
    deployment.graph.limitScope()
    deployment.accepted({ subject: 'Weekly', body: 'A' }, { subject: 'Somebody else', body: '' })
    const [[plain, json, mailbox, token] = []] = commandsIn(page, 'Check the deployment')
    expect(await run(plain)).toMatch(/^pass {2}Database/m)
    expect(JSON.parse(await run(json)).lines).toContainEqual(expect.objectContaining({ state: 'pass' }))
    const said = await run(mailbox?.replaceAll('room-1@', 'attic@'))
    expect(said).toMatch(/^pass {2}Scope of the application/m)
    expect(said).toMatch(/^pass {2}Room/m)
    expect(await run(token)).toMatch(/^pass {2}Entra: registration and consent/m)
    const [[scope] = []] = commandsIn('docs/exchange-online.md', 'Exchange Online: only some calendars')
    const people = { 'ada@': 'attic@', 'alan@': 'ada@' } as Record<string, string>
    expect(await run(scope?.replace(/(ada|alan)@/g, (name) => people[name] ?? name))).toMatch(
      /^pass {2}Scope of the application/m,
    )
  })

  test('connects, checks, lists and disconnects mailboxes', async () => {
    const [[two, more, check, list, disconnect] = []] = commandsIn(page, 'Mailboxes that you connect')
    const each = { 'object id': attic }
    expect(await run(two?.replace('<object id>', cellar), each)).toContain(`${cellar}\t`)
    await run(more, each)
    await run(check, each)
    const listed = async () => JSON.parse(await run(list)).mailboxes
    expect(await listed()).toMatchObject([
      { objectId: attic, permission: 'read-write', state: 'connected' },
      { objectId: cellar, permission: 'read' },
    ])
    await run(disconnect, each)
    expect(await listed()).toMatchObject([{ objectId: cellar }])
  })

  test('finds, sees, revokes and allows a person, and sees the keys', async () => {
    const [[find, see, revoke, allow, keys] = []] = commandsIn(page, 'The same by command')
    const her = { 'object id': ada.objectId }
    expect(await run(find)).toContain(subjectOf(ada))
    await run(revoke, her)
    const connections = async () => JSON.parse(await run(see, her)).connections
    expect(await connections()).toMatchObject([{ state: 'disconnected_by_administrator' }])
    await run(allow, her)
    expect(await connections()).toEqual([])
    expect(await run(keys)).toContain('test\tactive')
  })

  test('decides about the policies, and hears why one counts', async () => {
    const [[list, set, first, preview, remove, explain] = []] = commandsIn(page, 'Options of meetings')
    const group = { 'object id': groups.pilots }
    await run(set)
    await run(first, group)
    expect(await run(list)).toContain(groups.pilots)
    await run(preview, group)
    expect(await run(list)).toContain(groups.pilots)
    await run(remove, group)
    expect(await run(list)).not.toContain(groups.pilots)
    expect(await run(explain, { 'object id': ada.objectId })).toContain('calendar\tread')
  })

  test('writes the invitation of the organisation, and takes it back', async () => {
    const [[show, set, remove] = []] = commandsIn(page, 'The invitation')
    const template = { ...emptyTemplate, texts: { other: { before: 'Welcome', after: '' } } }
    writeFileSync(join(folder.path, 'invitation.json'), JSON.stringify(template))
    await run(set)
    expect(JSON.parse(await run(show))).toEqual(template)
    await run(remove)
    expect(await run(show)).toBe('null\n')
  })

  test('verifies the audit trail, and exports it', async () => {
    const file = { AUDIT_CHECKPOINT_FILE: join(folder.path, 'checkpoints.jsonl') }
    await (await deployment.world.startService({ ...deployment.served, ...file })).stop()
    const [[verify] = [], [whole, some] = []] = commandsIn(page, '12. The audit trail')
    expect(await run(verify)).toMatch(/intact/)
    await run(whole)
    expect(await run('npx zoom-for-outlook admin audit verify --file audit.jsonl')).toMatch(/intact/)
    expect(await run(some?.replace('5001', '1'))).toContain('"version":"1.2.0"')
  })
})
