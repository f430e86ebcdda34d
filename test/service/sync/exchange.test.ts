import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, personPath, syncCheckPath } from '../../../src/contract/admin-paths.ts'
import type { SyncStatus } from '../../../src/contract/admin-sync.ts'
import { isOwnCalendar, ownCalendarHeader, ownerHeader } from '../../../src/contract/owner.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { wide } from '../../sample.ts'
import { adminToken } from '../admin/kit.ts'
import { asker, type Identity, openIdentity, tim, vint } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { at, person, scheduledBy, settings, until, weekly } from './kit.ts'

const password = 'a canary of a password'
const path = connectionPath('exchange')

describe.skipIf(!hasPostgres)('the meeting of an appointment on an Exchange server', () => {
  let identity: Identity
  let bearer: string
  const account: ServerAccount = { name: 'tim', password, failed: 0, ews: 'open' }
  const connect = (secret = password) =>
    identity.ask('PUT', path, { bearer, body: { user: 'CONTOSO\\tim', password: secret } })
  const calendars = () => identity.world.graph.calendars

  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings)
    identity.exchange.accounts.push(account)
    bearer = (await identity.session()).session
    expect(await connect()).toMatchObject({ status: 200, body: { state: 'connected' } })
    await until(() => identity.world.logged.some((line) => line.includes('calendar compared')))
  })
  afterAll(() => identity.close())
  afterEach(() => identity.world.faults.clear())

  let count = 0
  /** An appointment with a meeting, which has followed it. */
  async function schedule(changes: Record<string, unknown> = {}) {
    const key = newKey()
    const facts = { ...quarterlyReview, recurring: Boolean(changes.recurrence) }
    const { status, body } = await putMeeting(identity.service.origin, bearer, key, facts, {
      [ownCalendarHeader]: isOwnCalendar,
    })
    expect(status).toBe(200)
    const saved = {
      id: `appointment ${Date.now()} ${count++}`,
      subject: quarterlyReview.subject,
      ...at(3),
      timeZone: quarterlyReview.timeZone,
      customProperties: { zoomMeeting: JSON.stringify({ key }) },
      ...changes,
    }
    const zoom = () => identity.world.zoom.meetings().find(({ id }) => String(id) === body.id)
    const change = (other: Record<string, unknown>) =>
      calendars().put({ ...saved, ...other }, tim.emailAddress)
    const followed = () => identity.world.logged.filter((line) => line.includes('event followed')).length
    const before = followed()
    change({})
    // A series has a meeting without a time.
    await until(() =>
      changes.recurrence
        ? followed() > before
        : Date.parse(zoom()?.start_time ?? '') === Date.parse(saved.start),
    )
    return { key, saved, zoom, change, remove: () => calendars().delete(saved.id) }
  }

  const asked = (operation: string) =>
    identity.world.logged.filter((line) => line.includes(`Exchange.asmx/${operation}"`)).length
  const isHeard = () => until(() => identity.exchange.ews.streaming.hanging() === 1)

  test('follows it as soon as the server says that it has changed, and nothing is asked in between', async () => {
    const { change, zoom } = await schedule()
    await isHeard()
    const before = asked('SyncFolderItems')
    const { start, end } = at(4)
    change({ start, end })
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(start))
    expect(asked('SyncFolderItems')).toBe(before)
  })

  test('follows what happened while the server had ended its answer, by the same subscription', async () => {
    const { change, zoom } = await schedule()
    await isHeard()
    const before = asked('Subscribe')
    identity.exchange.ews.streaming.end()
    const { start, end } = at(12)
    change({ start, end })
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(start))
    await isHeard()
    expect(asked('Subscribe')).toBe(before)
  })

  test.each([
    [
      'an error beside the word that all is well',
      () => identity.exchange.ews.streaming.end('ErrorMissedNotificationEvents'),
    ],
    ['that it knows the subscription no more', () => identity.exchange.ews.streaming.lose()],
  ])('follows what happened before the server said %s', async (_, say) => {
    const { change, zoom } = await schedule()
    await isHeard()
    const before = asked('Subscribe')
    say()
    const { start, end } = at(13)
    change({ start, end })
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(start))
    await until(() => asked('Subscribe') > before)
    await isHeard()
  })

  test('moves and is renamed with it, without the add-in', async () => {
    const { change, zoom } = await schedule()
    const { start, end } = at(5)
    change({ start, end, subject: '007 — été & <b>' })
    await until(() => zoom()?.topic === '007 — été & <b>')
    expect(Date.parse(zoom()?.start_time ?? '')).toBe(Date.parse(start))
  })

  test('is deleted with it', async () => {
    const { remove, zoom } = await schedule()
    remove()
    await until(() => zoom() === undefined)
  })

  test('has the same link again when it comes back after it was deleted', async () => {
    const { change, remove, zoom } = await schedule()
    const link = zoom()?.join_url
    remove()
    await until(() => zoom() === undefined)
    change(at(15))
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(15).start))
    expect(zoom()?.join_url).toBe(link)
  })

  test('is deleted when it is cancelled', async () => {
    const { change, zoom } = await schedule()
    change({ isCancelled: true })
    await until(() => zoom() === undefined)
  })

  test('stays when it moves to another calendar of the mailbox, and follows it there', async () => {
    const { change, zoom } = await schedule()
    const { start, end } = at(6)
    change({ calendar: 'Projects', start, end })
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(start))
  })

  test('follows the date of an event that takes whole days, by the clock of its zone', async () => {
    const { change, zoom } = await schedule({ timeZone: 'New Zealand Standard Time' })
    // Midnight in Auckland, in summer: 13 hours before midnight in UTC.
    change({
      allDay: true,
      start: '2027-01-14T11:00:00Z',
      end: '2027-01-15T11:00:00Z',
      timeZone: 'New Zealand Standard Time',
    })
    await until(() => zoom()?.duration === 1440)
    // 15 January begins then in Auckland, which is the zone of the meeting too.
    expect(zoom()?.start_time).toBe('2027-01-14T11:00:00Z')
  })

  test('of a series follows it', async () => {
    const { change, zoom } = await schedule({ recurrence: weekly })
    change({ recurrence: weekly, subject: 'Moved series' })
    await until(() => zoom()?.topic === 'Moved series')
  })

  test('that begins to repeat has a meeting without a time, with the same link', async () => {
    const { change, zoom } = await schedule()
    const link = zoom()?.join_url
    change({ recurrence: weekly })
    await until(() => zoom()?.type === 3)
    expect(zoom()?.join_url).toBe(link)
  })

  test('does not follow a copy', async () => {
    const { saved, zoom } = await schedule()
    calendars().put({ ...saved, id: `${saved.id} copy`, ...at(9) }, tim.emailAddress)
    await until(() => identity.world.logged.some((line) => line.includes('"reason":"copy"')))
    expect(Date.parse(zoom()?.start_time ?? '')).toBe(Date.parse(saved.start))
  })

  test('does not follow an invitation of somebody else that has its note, as a forward does', async () => {
    const { saved, zoom, change } = await schedule()
    const ends = () => identity.world.logged.filter((line) => line.includes('"reason":"none"')).length
    const before = ends()
    const forward = { ...saved, id: `${saved.id} forward`, ...at(9), isOrganizer: false }
    calendars().put(forward, tim.emailAddress)
    await until(() => ends() > before)
    calendars().delete(forward.id)
    await until(() => ends() > before + 1)
    expect(Date.parse(zoom()?.start_time ?? '')).toBe(Date.parse(saved.start))
    change(at(10))
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(10).start))
  })

  test('that a delegate has made in the calendar of its owner follows that calendar, and no copy in the delegate’s', async () => {
    const { session } = await identity.session(vint)
    identity.exchange.accounts.push({ name: 'vint', password, failed: 0, ews: 'open' })
    const delegate = person(identity.world, identity.service.origin, {
      emailAddress: vint.emailAddress,
      bearer: async () => session,
      connection: { provider: 'exchange', body: { user: 'CONTOSO\\vint', password } },
    })
    await delegate.connect()
    const owner = { [ownerHeader]: encodeURIComponent(tim.emailAddress) }
    const { key, note: customProperties, zoom } = await delegate.draft({}, owner)
    const saved = { id: `of Tim ${key}`, subject: 'Of Tim', ...at(5), customProperties }
    calendars().put(saved, tim.emailAddress)
    await until(() => zoom()?.topic === 'Of Tim')
    const others = () => identity.world.logged.filter((line) => line.includes('"reason":"none"')).length
    const before = others()
    calendars().put({ ...saved, id: `of Vint ${key}`, subject: 'Of Vint' }, vint.emailAddress)
    await until(() => others() > before)
    expect(zoom()?.topic).toBe('Of Tim')
    calendars().put({ ...saved, ...at(6) }, tim.emailAddress)
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(6).start))
    calendars().delete(saved.id)
    await until(() => zoom() === undefined)
    expect((await delegate.disconnect()).status).toBe(204)
    await until(async () => (await identity.sql('select from watches')).length === 1)
  })

  test('follows it although the server knows the state of the calendar no more', async () => {
    const { change, zoom, remove } = await schedule()
    const other = await schedule()
    identity.exchange.ews.loseStates()
    const { start, end } = at(7)
    change({ start, end })
    other.remove()
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(start))
    await until(() => other.zoom() === undefined)
    remove()
  })

  test('the person reads that meetings follow the calendar', async () => {
    const { body } = await identity.ask('GET', paths.connections, { bearer })
    expect(body.sync).toContain('follow changes in your calendar')
  })

  test('is followed as an administrator sees, who has the calendar compared at once', async () => {
    const admin = { bearer: await adminToken(identity.world) }
    await schedule()
    const shown = async () =>
      ((await identity.ask('GET', adminPaths.sync, admin)).body as unknown as SyncStatus).people[0]
    await until(async () => Boolean((await shown())?.lastChange))
    expect(await shown()).toEqual({
      subject: expect.stringMatching(/^exch:/),
      state: 'watched',
      lastChange: expect.stringMatching(/Z$/),
      lastCheck: expect.stringMatching(/Z$/),
    })
    const compared = () =>
      identity.world.logged.filter((line) => line.includes('"msg":"calendar compared"')).length
    const before = compared()
    const subject = String((await shown())?.subject)
    expect((await identity.ask('POST', syncCheckPath(subject), admin)).status).toBe(204)
    await until(() => compared() > before)
    const { body } = await identity.ask('GET', personPath(subject), admin)
    expect(body).toMatchObject({
      connections: [{ provider: 'exchange', state: 'connected' }],
      watch: { subscription: true, changesToken: true },
    })
  })

  const admin = async () => ({ bearer: await adminToken(identity.world) })
  const state = async () =>
    ((await identity.ask('GET', adminPaths.sync, await admin())).body as unknown as SyncStatus).people[0]
      ?.state

  // A calendar that could not be asked is left alone for a minute.
  test.skipIf(!wide)('follows what happened before it could be heard and not be asked for', async () => {
    const { change, zoom } = await schedule()
    await isHeard()
    identity.exchange.folder.fails = 'SyncFolderItems'
    identity.exchange.ews.streaming.lose()
    change(at(17))
    await until(async () => (await state()) === 'failing')
    await isHeard()
    identity.exchange.folder.fails = ''
    const soon = { timeout: 150_000 }
    await expect.poll(() => Date.parse(zoom()?.start_time ?? ''), soon).toBe(Date.parse(at(17).start))
    await until(async () => (await state()) === 'watched', soon.timeout)
  })

  test.each([
    ['', async () => {}],
    [
      ', and the server shortly before',
      async () => {
        identity.exchange.folder.fails = 'SyncFolderItems'
        identity.exchange.ews.streaming.lose()
        await until(async () => (await state()) === 'failing')
        identity.exchange.folder.fails = ''
        // With each answer that begins, the server is asked.
        await isHeard()
        identity.exchange.ews.streaming.lose()
        await until(async () => (await state()) === 'watched')
      },
    ],
  ])(
    'follows what happened before it could be heard, although the database failed when the server was asked for it%s',
    async (_, happen) => {
      const { change, zoom } = await schedule()
      await isHeard()
      await happen()
      await isHeard()
      const failures = () => identity.world.logged.filter((line) => line.includes('"work":"polls"')).length
      const before = failures()
      await identity.sql('alter table watches rename to watches_that_fail')
      try {
        identity.exchange.ews.streaming.lose()
        change(at(16))
        await until(() => failures() > before)
        await isHeard()
      } finally {
        await identity.sql('alter table watches_that_fail rename to watches')
      }
      await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(16).start))
    },
  )

  test('is shown as one that fails while the server is dead, and as followed once it answers again', async () => {
    const { change, zoom } = await schedule()
    await isHeard()
    expect(await state()).toBe('watched')
    identity.world.faults.add({ vendor: 'exchange', match: 'POST /EWS', status: 500, times: 'always' })
    identity.exchange.ews.streaming.end()
    await until(async () => (await state()) === 'failing')
    // Its lease is renewed as ever.
    const [before] = await identity.sql('update watches set due_at = now() returning expires_at')
    await until(async () => {
      const [now] = await identity.sql('select expires_at from watches')
      return Number(now?.expires_at) > Number(before?.expires_at)
    })
    expect(await state()).toBe('failing')
    change(at(16))
    await identity.world.faults.clear()
    // A mailbox that could not be asked is left alone for a minute.
    await expect.poll(state, { interval: 500, timeout: 200_000 }).toBe('watched')
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(16).start))
  }, 400_000)

  test('follows no more after the password has changed, which counts as one failed attempt', async () => {
    const { change, zoom, saved } = await schedule()
    account.password = 'another'
    identity.exchange.ews.forgetConnections()
    // The stream begins again too, and the pane looks.
    identity.exchange.ews.streaming.end()
    await identity.sql(
      `update credentials set replaced_at = replaced_at - interval '1 hour' where version > 0`,
    )
    await identity.ask('GET', paths.connections, { bearer })
    change(at(8))
    const state = async () =>
      (await identity.sql(`select state from connections where provider = 'exchange'`))[0]?.state
    await until(async () => (await state()) === 'needs_sign_in')
    expect(account.failed).toBe(1)
    expect(Date.parse(zoom()?.start_time ?? '')).toBe(Date.parse(saved.start))
    expect(await connect('another')).toMatchObject({ body: { state: 'connected' } })
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(8).start))
  })

  test('is deleted with it once the person has signed in again, although the change was heard of and then forgotten', async () => {
    const { remove, zoom } = await schedule()
    await isHeard()
    const token = 'select delta, packed_delta from watches'
    const before = JSON.stringify(await identity.sql(token))
    const fault = { vendor: 'zoom', match: 'DELETE /v2/meetings', status: 503, times: 'always' } as const
    identity.world.faults.add(fault)
    remove()
    // The state of the calendar that is stored is one in which the appointment is gone.
    await until(async () => JSON.stringify(await identity.sql(token)) !== before)
    account.password = 'a third'
    identity.exchange.ews.forgetConnections()
    identity.exchange.ews.streaming.end()
    await until(
      async () => (await identity.sql(`select from watches where due_at < 'infinity'`)).length === 0,
    )
    expect(zoom()).toBeDefined()
    await identity.world.faults.clear()
    expect(await connect(account.password)).toMatchObject({ body: { state: 'connected' } })
    await until(() => zoom() === undefined)
  })

  test('is not heard of any more once the calendar is disconnected', async () => {
    await isHeard()
    expect((await identity.ask('DELETE', path, { bearer })).status).toBe(204)
    await until(() => identity.exchange.ews.streaming.hanging() === 0)
    expect(asked('Unsubscribe')).toBeGreaterThan(0)
  })

  test('is heard of by another process once this one has ended', async () => {
    expect(await connect(account.password)).toMatchObject({ body: { state: 'connected' } })
    const { change, zoom } = await schedule()
    await isHeard()
    await identity.service.stop()
    await until(() => identity.exchange.ews.streaming.hanging() === 0)
    await identity.world.startService({ ...identity.exchange.settings(), ...settings })
    const { start, end } = at(14)
    change({ start, end })
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(start))
    await isHeard()
  })
})

describe.skipIf(!hasPostgres)('a calendar on an Exchange server that makes no subscription', () => {
  test('is followed from the start, because the server is asked for changes', async () => {
    const identity = await openIdentity('PostgreSQL', settings)
    try {
      const { exchange, world } = identity
      exchange.accounts.push({ name: 'tim', password, failed: 0, ews: 'open' })
      exchange.ews.streaming.limit(0)
      const { session } = await identity.session()
      const owner = person(world, identity.service.origin, {
        emailAddress: tim.emailAddress,
        bearer: async () => session,
        connection: { provider: 'exchange', body: { user: 'CONTOSO\\tim', password } },
      })
      await owner.connect()
      const { change, zoom } = await scheduledBy(owner)
      change(at(4))
      await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(4).start))
      expect(exchange.ews.streaming.hanging()).toBe(0)
    } finally {
      await identity.close()
    }
  })
})

describe.skipIf(!hasPostgres)('a calendar on an Exchange server that is connected again at once', () => {
  // Nothing else in the mailbox shows that it is the same one.
  test.each([
    // No round of background work ends the watch.
    ['is not noticed before', 3_600],
    ['has ended the watch', settings.SWEEP_SECONDS],
  ])(
    'takes the meeting of an appointment with it whose deletion was given up for want of a password, which %s',
    async (which, seconds) => {
      const identity = await openIdentity('PostgreSQL', { ...settings, SWEEP_SECONDS: seconds })
      try {
        const { exchange, world, sql } = identity
        const account: ServerAccount = { name: 'tim', password, failed: 0, ews: 'open' }
        exchange.accounts.push(account)
        const bearer = (await identity.session()).session
        const connection = {
          provider: 'exchange' as const,
          get body() {
            return { user: 'CONTOSO\\tim', password: account.password }
          },
        }
        const { emailAddress } = tim
        const his = person(world, identity.service.origin, {
          emailAddress,
          bearer: async () => bearer,
          connection,
        })
        await his.connect()
        await until(() => exchange.ews.streaming.hanging() === 1)
        const one = await his.schedule()
        const token = 'select delta, packed_delta from watches'
        const before = JSON.stringify(await sql(token))
        world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', status: 503, times: 'always' })
        one.remove()
        // The state of the calendar that is stored is one in which the appointment is gone.
        await until(async () => JSON.stringify(await sql(token)) !== before)
        await until(async () => (await sql(`select from pgboss.job where state = 'retry'`)).length === 1)
        account.password = 'another'
        exchange.ews.forgetConnections()
        await sql(`update pgboss.job set start_after = now() where state = 'retry'`)
        const jobs = `select from pgboss.job where start_after < now() + interval '1 hour'`
        await until(async () => (await sql(jobs)).length === 0)
        const ended = `select from watches where due_at = 'infinity'`
        if (which === 'has ended the watch') await until(async () => (await sql(ended)).length === 1)
        else expect(await sql('select from watches where subscription is not null')).toHaveLength(1)
        expect(one.zoom()).toBeDefined()
        await world.faults.clear()
        await his.connectAgain()
        await until(() => one.zoom() === undefined)
      } finally {
        await identity.close()
      }
    },
  )
})

describe.skipIf(!hasPostgres)('a calendar on an Exchange server with Basic', () => {
  test('is read with its password each time, and one that has changed is one failed attempt', async () => {
    const identity = await openIdentity('PostgreSQL', settings)
    try {
      const account: ServerAccount = { name: 'tim', password, failed: 0, ews: 'open' }
      identity.exchange.accounts.push(account)
      identity.exchange.folder.schemes = ['basic']
      const bearer = (await identity.session()).session
      await identity.service.stop()
      const { origin } = await identity.world.startService({
        ...identity.exchange.settings({ ewsAuthentication: 'basic' }),
        ...settings,
      })
      const body = { user: 'CONTOSO\\tim', password }
      expect(await asker(origin)('PUT', path, { bearer, body })).toMatchObject({
        status: 200,
        body: { state: 'connected' },
      })
      const lines = (text: string) => identity.world.logged.filter((line) => line.includes(text)).length
      await until(() => identity.exchange.ews.streaming.hanging() === 1 && lines('calendar compared') > 0)
      const change = (hour: number) =>
        identity.world.graph.calendars.put({ id: 'one', subject: 'One', ...at(hour) }, tim.emailAddress)
      const before = lines('GetItem"')
      change(3)
      await until(() => lines('GetItem"') > before)
      expect(account.failed).toBe(0)
      account.password = 'another'
      change(4)
      const states = () => identity.sql(`select state from connections where provider = 'exchange'`)
      await until(async () => (await states())[0]?.state === 'needs_sign_in')
      expect(account.failed).toBe(1)
    } finally {
      await identity.close()
    }
  })
})
