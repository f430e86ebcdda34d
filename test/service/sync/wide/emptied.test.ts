import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, syncCheckPath } from '../../../../src/contract/admin-paths.ts'
import type { SyncStatus } from '../../../../src/contract/admin-sync.ts'
import { connectionsFrom, syncSays } from '../../../../src/contract/connections.ts'
import { paths } from '../../../../src/contract/paths.ts'
import type { Kept } from '../../../../src/simulator/calendars.ts'
import { adminToken } from '../../admin/kit.ts'
import { type Identity, openIdentity, tim } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { at, person, settings, until } from '../kit.ts'

// After the loss of a database Exchange may give a person an empty mailbox at once, and put the old one back later.

const password = 'right'
const { emailAddress } = tim

describe.skipIf(!hasPostgres).each(['an Exchange server', 'Microsoft 365'])(
  'the mailbox of a person on %s',
  (where) => {
    let identity: Identity
    let owner: ReturnType<typeof person>
    let address: string
    beforeAll(async () => {
      identity = await openIdentity('PostgreSQL', settings)
      const { exchange, world } = identity
      exchange.accounts.push({ name: 'tim', password, failed: 0, ews: 'open' })
      const { session } = await identity.session()
      const onServer = {
        emailAddress,
        bearer: async () => session,
        connection: { provider: 'exchange' as const, body: { user: 'CONTOSO\\tim', password } },
      }
      owner =
        where === 'Microsoft 365'
          ? person(world, identity.service.origin)
          : person(world, identity.service.origin, onServer)
      address = owner.emailAddress
      await owner.connect()
      await until(() => lines('calendar compared') > 0)
    })
    afterAll(() => identity.close())

    const calendars = () => identity.world.graph.calendars
    const lines = (text: string) => identity.world.logged.filter((line) => line.includes(text)).length
    const said = async () =>
      connectionsFrom((await owner.ask('GET', paths.connections, { bearer: await owner.bearer() })).body).sync

    async function shown() {
      const admin = { bearer: await adminToken(identity.world) }
      const { people } = (await identity.ask('GET', adminPaths.sync, admin)).body as unknown as SyncStatus
      return people[0]
    }

    /** An administrator has the calendar compared. */
    async function isCompared() {
      const before = lines('calendar compared')
      await identity.ask('POST', syncCheckPath((await shown())?.subject ?? ''), {
        bearer: await adminToken(identity.world),
      })
      await until(() => lines('calendar compared') > before)
      await isIdle()
    }

    const isIdle = () =>
      until(async () => {
        const waiting = `select from pgboss.job where name = 'events' and state in ('created', 'active') and start_after <= now()`
        return (await identity.sql(waiting)).length === 0
      })

    /** The states and subscriptions of the mailbox before end with it. */
    function forget() {
      identity.exchange.ews.loseStates()
      identity.exchange.ews.streaming.lose()
      identity.world.graph.delta.refuseTokens()
    }

    const comeBack = (all: readonly Kept[], changes = {}) => {
      // What is put into another mailbox has another id there.
      for (const { appointment } of all)
        calendars().put({ ...appointment, id: `${appointment.id} again`, ...changes }, address)
    }

    afterEach(async () => {
      calendars().replace(address)
      await identity.sql('delete from meetings')
      // Together the tests make more meetings than one host may change a day.
      await identity.sql('delete from zoom_changes')
      await isIdle()
    })

    const schedule = async (many: number) => {
      const all: Awaited<ReturnType<typeof owner.schedule>>[] = []
      for (let count = 0; count < many; count++) all.push(await owner.schedule())
      await isIdle()
      return all
    }
    const gone = (all: Awaited<ReturnType<typeof schedule>>) =>
      all.filter(({ zoom }) => zoom() === undefined).length
    const move = (one: Awaited<ReturnType<typeof owner.schedule>>, days: number) => {
      one.change(at(days))
      return until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(at(days).start))
    }

    test('is empty of a sudden: meetings stay, the person and the administrator read it, and they follow again once the appointments are back', async () => {
      const all = await schedule(4)
      const before = calendars().replace(address)
      forget()
      await isCompared()
      expect(gone(all)).toBe(0)
      expect((await shown())?.state).toBe('emptied')
      expect(await said()).toBe(syncSays.emptied)

      // It is used meanwhile.
      await move(await owner.schedule(), 6)
      forget()
      await isCompared()
      expect(gone(all)).toBe(0)

      comeBack(before)
      await until(async () => (await said()) === syncSays.followed)
      expect((await shown())?.state).toBe('watched')
      comeBack(before, at(9))
      await until(() =>
        all.every(({ zoom }) => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(9).start)),
      )
    })

    test('is empty of a sudden, until the old one is there again: what was made in between stays too', async () => {
      const all = await schedule(4)
      calendars().put({ ...at(2), id: 'older', subject: 'Older', timeZone: 'UTC' }, address)
      await isCompared()
      const before = calendars().replace(address)
      forget()
      await isCompared()
      const between = await schedule(1)
      calendars().replace(address)
      forget()
      calendars().restore(before)
      await isCompared()
      expect(gone(between)).toBe(0)
      for (const one of all) await move(one, 8)
    })

    test('is empty of a sudden, and an appointment is read before the calendar is compared: its meeting stays', async () => {
      const all = await schedule(2)
      calendars().replace(address)
      calendars().put({ ...at(2), id: 'newer', subject: 'Newer', timeZone: 'UTC' }, address)
      const followed = lines('"event followed"')
      await identity.sql(
        `update pgboss.job set start_after = now(), priority = 0 where name = 'events' and state = 'created'`,
      )
      await until(() => lines('"event followed"') >= followed + 2)
      await until(async () => (await shown())?.state === 'emptied')
      expect(gone(all)).toBe(0)
    })

    // An Exchange server is asked about every calendar.
    test.skipIf(where !== 'Microsoft 365')(
      'has its appointments with a meeting in another calendar: none of them is missing when it is compared',
      async () => {
        for (let count = 0; count < 4; count++) await owner.schedule({ calendar: 'Projects' })
        await isIdle()
        forget()
        await isCompared()
        expect((await shown())?.state).toBe('watched')
      },
    )

    test('is as it was on an earlier day: the meetings of all that came since stay', async () => {
      const [first, ...others] = await schedule(6)
      calendars().replace(address, ({ id }) => id !== first?.saved.id)
      forget()
      await isCompared()
      expect(gone(others)).toBe(0)
      expect((await shown())?.state).toBe('emptied')
    })

    test('has the appointments no more for good: the meetings go four weeks later, once it shows another one', async () => {
      const all = await schedule(4)
      calendars().replace(address)
      forget()
      await isCompared()
      await schedule(1)
      const since = `update meetings set unseen_since = unseen_since - interval '29 days'`
      await identity.sql(since)
      await isCompared()
      await until(() => gone(all) === all.length)
      expect((await shown())?.state).toBe('watched')
    })

    test('has lost the only appointment with a meeting, and shows an older one without: nobody heard of the deletion, and the meeting goes', async () => {
      calendars().put({ ...at(2), id: 'older', subject: 'Older', timeZone: 'UTC' }, address)
      const [one] = await schedule(1)
      await isCompared()
      calendars().replace(address, ({ id }) => id === one?.saved.id)
      forget()
      await isCompared()
      await until(() => one?.zoom() === undefined)
    })

    test('loses all appointments because the person deletes them: the meetings go', async () => {
      const all = await schedule(5)
      for (const { remove } of all) remove()
      await until(() => gone(all) === all.length)
      expect((await shown())?.state).toBe('watched')
    })

    test('loses all appointments because the person deletes them, while Zoom fails and then the state is lost: the meetings go', async () => {
      const all = await schedule(5)
      identity.world.faults.add({
        vendor: 'zoom',
        match: 'DELETE /v2/meetings',
        status: 503,
        times: 'always',
      })
      for (const { remove } of all) remove()
      await until(() => owner.calls('DELETE /v2/meetings') >= all.length)
      forget()
      await isCompared()
      await identity.world.faults.clear()
      await until(() => gone(all) === all.length)
    })

    test('is empty of a sudden, after an appointment was deleted while Zoom failed, and is back: its meeting stays', async () => {
      const [one] = await schedule(1)
      if (!one) return
      const failed = lines('"work":"events"')
      identity.world.faults.add({
        vendor: 'zoom',
        match: 'DELETE /v2/meetings',
        status: 503,
        times: 'always',
      })
      one.remove()
      await until(() => lines('"work":"events"') > failed)
      one.change({})
      const waiting = `select from pgboss.job where name = 'events' and state in ('retry', 'active')`
      await until(async () => (await identity.sql(waiting)).length === 0)
      await identity.world.faults.clear()
      await move(one, 8)
      calendars().replace(address)
      forget()
      await isCompared()
      expect(one.zoom()).toBeDefined()
      expect((await shown())?.state).toBe('emptied')
    })

    test('is empty of a sudden, after an appointment was changed while Zoom failed: its meeting stays', async () => {
      const [one] = await schedule(1)
      const failed = lines('"work":"events"')
      identity.world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', status: 503, times: 'always' })
      one?.change(at(8))
      await until(() => lines('"work":"events"') > failed)
      calendars().replace(address)
      forget()
      await isCompared()
      await identity.world.faults.clear()
      expect(one?.zoom()).toBeDefined()
      expect((await shown())?.state).toBe('emptied')
    })
  },
)
