import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../../../src/service/database/open.ts'
import { credentials } from '../../../../src/simulator/zoom/apps.ts'
import { newKey, newVaultKey } from '../../../kit.ts'
import { ask, attackedHere, put } from '../../attack/kit.ts'
import { ada, engines, variables } from '../../kit.ts'
import { command } from '../kit.ts'

const canary = 'Canary-3f91aa'

describe.each(engines)('an administrator of a service on the %s database', (engine) => {
  test('verifies and exports what the service recorded, with no secret in it', async () => {
    const world = await attackedHere(engine)
    const checkpoints = join(world.folder, 'checkpoints.jsonl')
    const first = await world.start({ AUDIT_CHECKPOINT_FILE: checkpoints })
    const token = await world.token()
    expect((await put(first, token, newKey(), { subject: canary })).status).toBe(200)
    for (const proof of [`${token}x`, canary, `session_${canary}`, `session_${canary}`])
      expect((await put(first, proof, newKey())).status).toBe(401)
    expect((await ask(first, 'DELETE', '/me', token)).status).toBe(204)
    expect((await ask(first, 'GET', '/me', token)).status).toBe(401)
    const checked = () => readFileSync(checkpoints, 'utf8').trim().split('\n')
    // Every refusal is recorded, and the newest record has a checkpoint.
    const refusals = { form: 2, session: 2, disconnected: 1 }
    await expect
      .poll(() => Math.max(...checked().map((line) => JSON.parse(line).seq)))
      .toBeGreaterThanOrEqual(7)
    await first.kill()
    const VAULT_KEYS = `${newVaultKey('next')},${variables.VAULT_KEYS}`
    const second = await world.start({ AUDIT_CHECKPOINT_FILE: checkpoints, VAULT_KEYS })
    expect((await put(second, await world.token(), newKey())).status).toBe(200)
    await expect.poll(second.said).toContain('vault key unused')
    await second.kill()

    const settings = Object.fromEntries(
      Object.entries(world.environment).filter(([name]) => name.startsWith('DATA')),
    )
    const admin = (...args: string[]) => command(settings, 'admin', 'audit', ...args)
    const verified = await admin('verify', '--checkpoints', checkpoints, '--json')
    expect(verified).toMatchObject({ code: 0, errors: '' })
    expect(JSON.parse(verified.output)).toMatchObject({ intact: true, first: 1 })
    expect(JSON.parse(verified.output).checkpoints).toBeGreaterThan(1)
    const exported = await admin('export')
    expect(exported.code).toBe(0)
    const records = exported.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const found = (act: string) => records.filter((record) => record.act === act)
    const caller = `entra:${ada.tenantId}:${ada.objectId}`
    const organisation = `entra:${ada.tenantId}`
    expect(found('zoom linked')[0]).toMatchObject({ caller, organisation, detail: 'way=name' })
    expect(found('disconnected')).toMatchObject([{ caller, organisation }])
    expect(found('credential replaced')[0]).toMatchObject({
      caller: `app:${credentials.clientId}`,
      organisation: `zoom:${credentials.accountId}`,
      detail: 'provider=zoom purpose=access-token version=1',
    })
    for (const act of ['credential used', 're-wrap begun', 're-wrap finished'])
      expect(found(act), act).toHaveLength(1)
    expect(found('service started').map(({ subject }) => subject)).toEqual(['key:test', 'key:next'])
    expect(found('key rotated')).toMatchObject([{ subject: 'key:next' }])
    expect(found('audit verified')[0]).toMatchObject({
      caller: 'command-line',
      detail: /^result=intact last=\d+$/,
    })
    for (const [reason, count] of Object.entries(refusals)) {
      const counts = found('proof refused').filter(({ detail }) => detail.startsWith(`reason=${reason} `))
      expect(
        counts.reduce((sum, { detail }) => sum + Number(detail.split('count=')[1]), 0),
        reason,
      ).toBe(count)
    }

    // A library writes nothing of its own beside the log, such as what it will not do any more one day.
    for (const line of `${first.said()}${second.said()}`.trim().split('\n')) expect(line).toMatch(/^\{.*\}$/)
    const everything = [exported.output, verified.output, ...checked(), first.said(), second.said()].join('')
    for (const secret of [
      canary,
      token.slice(-40),
      'eyJ',
      '@',
      credentials.clientSecret,
      variables.VAULT_KEYS.slice(5),
    ])
      expect(everything).not.toContain(secret)
  })

  test('disconnects nobody when that cannot be recorded', async () => {
    const world = await attackedHere(engine)
    await (await world.start()).kill()
    const { database, close } = await openDatabase(world.databaseUrl, world.folder)
    await sql`alter table audit add constraint full_disk check (act <> 'disconnected' or seq < 1)`.execute(
      database,
    )
    await close()
    const service = await world.start()
    const token = await world.token()
    const key = newKey()
    expect((await put(service, token, key)).status).toBe(200)
    expect((await ask(service, 'DELETE', '/me', token)).status).toBe(500)
    expect((await ask(service, 'GET', '/me', token)).body).toMatchObject({ zoomLinked: true })
    expect((await put(service, token, key)).status).toBe(200)
    expect(service.said()).not.toContain('"act":"disconnected"')
  })
})
