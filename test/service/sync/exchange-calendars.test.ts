import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, syncCheckPath } from '../../../src/contract/admin-paths.ts'
import type { SyncStatus } from '../../../src/contract/admin-sync.ts'
import { adminToken } from '../admin/kit.ts'
import { type Identity, openIdentity, tim } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { at, person, settings, until } from './kit.ts'

const password = 'right'

describe.skipIf(!hasPostgres)('a mailbox with several calendars on an Exchange server', () => {
  let identity: Identity
  let owner: ReturnType<typeof person>
  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings)
    const { exchange, world } = identity
    exchange.accounts.push({ name: 'tim', password, failed: 0, ews: 'open' })
    // Without an appointment the simulated mailbox does not have the calendar.
    world.graph.calendars.put({ id: 'other', subject: 'Other', calendar: 'Projects' }, tim.emailAddress)
    const { session } = await identity.session()
    owner = person(world, identity.service.origin, {
      emailAddress: tim.emailAddress,
      bearer: async () => session,
      connection: { provider: 'exchange', body: { user: 'CONTOSO\\tim', password } },
    })
    await owner.connect()
    await isHeard()
    await until(() => lines('calendar compared') > 0)
  })
  afterAll(() => identity.close())

  const lines = (text: string) => identity.world.logged.filter((line) => line.includes(text)).length
  const asked = (operation: string) => lines(`Exchange.asmx/${operation}"`)
  const isHeard = () => until(() => identity.exchange.ews.streaming.told() === 1)
  const begins = (one: { zoom(): { start_time?: string } | undefined }, when: { start: string }) =>
    until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(when.start))

  async function isCompared() {
    const admin = { bearer: await adminToken(identity.world) }
    const { people } = (await identity.ask('GET', adminPaths.sync, admin)).body as unknown as SyncStatus
    const before = lines('calendar compared')
    await identity.ask('POST', syncCheckPath(people[0]?.subject ?? ''), admin)
    await until(() => lines('calendar compared') > before)
  }

  test('is heard of at once in each of them', async () => {
    const one = await owner.schedule({ calendar: 'Projects' })
    const before = asked('SyncFolderItems')
    one.change({ calendar: 'Projects', ...at(4) })
    await begins(one, at(4))
    expect(asked('SyncFolderItems')).toBe(before)
  })

  test('keeps the meeting of an appointment that moves from one to another, and back, and follows it there', async () => {
    const one = await owner.schedule()
    const link = one.zoom()?.join_url
    const before = owner.calls('DELETE /v2/meetings')
    one.change({ calendar: 'Projects', ...at(5) })
    await begins(one, at(5))
    one.change({ calendar: 'Projects', ...at(6) })
    await begins(one, at(6))
    one.change(at(7))
    await begins(one, at(7))
    expect(one.zoom()?.join_url).toBe(link)
    expect(owner.calls('DELETE /v2/meetings')).toBe(before)
  })

  test('is asked for what happened in each of them while nothing was heard', async () => {
    const [one, other] = [
      await owner.schedule({ calendar: 'Projects' }),
      await owner.schedule({ calendar: 'Projects' }),
    ]
    // Their states know both appointments, because what comes and goes between two states is in neither.
    const token = async () => JSON.stringify(await identity.sql('select delta, packed_delta from watches'))
    const first = await token()
    identity.exchange.ews.streaming.end()
    await until(async () => (await token()) !== first)
    await isHeard()
    const passes = lines('calendar compared')
    identity.exchange.ews.streaming.lose()
    one.change({ calendar: 'Projects', ...at(8) })
    other.remove()
    await begins(one, at(8))
    await until(() => other.zoom() === undefined)
    expect(lines('calendar compared')).toBe(passes)
    await isHeard()
  })

  test('has a new one that a comparison finds, and that is heard of from then on', async () => {
    const one = await owner.schedule()
    one.change({ calendar: 'New', ...at(9) })
    await begins(one, at(9))
    const before = asked('Subscribe')
    await isCompared()
    await until(() => asked('Subscribe') > before)
    await isHeard()
    one.change({ calendar: 'New', ...at(10) })
    await begins(one, at(10))
    const later = lines('calendar compared')
    one.remove()
    await until(() => one.zoom() === undefined)
    expect(lines('calendar compared')).toBe(later)
  })

  test('has one that a person deletes: its meetings are removed, but those of appointments that are also elsewhere', async () => {
    const one = await owner.schedule({ calendar: 'Projects' })
    const [kept, copied] = [await owner.schedule(), await owner.schedule({ calendar: 'Projects' })]
    const copy = { ...copied.saved, id: 'a copy', calendar: 'New' }
    identity.world.graph.calendars.put(copy, tim.emailAddress)
    await isCompared()
    const nextIsTomorrow = `select from watches where pass_at > now() + interval '2 hours'`
    await until(async () => (await identity.sql(nextIsTomorrow)).length === 1)
    identity.exchange.ews.deleteCalendar(tim.emailAddress, 'Projects')
    // As each day.
    await identity.sql('update watches set pass_at = now()')
    await until(() => one.zoom() === undefined)
    kept.change(at(11))
    await begins(kept, at(11))
    identity.world.graph.calendars.put({ ...copy, ...at(12) }, tim.emailAddress)
    await begins(copied, at(12))
  })
})
