import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { AuditPage } from '../../../src/contract/admin.ts'
import {
  adminPaths,
  mailboxPath,
  revocationPath,
  roomPath,
  screenPath,
} from '../../../src/contract/admin-paths.ts'
import type { Places, Rooms } from '../../../src/contract/admin-rooms.ts'
import { type Pairing, pairingFrom, roomPaths, type Shown, shownFrom } from '../../../src/contract/rooms.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { adminToken, grace, joan, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, openWorld, type World } from '../kit.ts'

const { attic, turing } = rooms
const named = { name: 'Turing', building: 'Annex', floor: '1' }

describe.each(engines)('a room, on the %s database', (engine) => {
  let world: World
  let origin: string
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engine)
    ;({ origin } = await world.startService({ ENTRA_CLIENT_SECRET: entraClientSecret }))
    ask = asker(origin)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.faults.clear()
    for (const part of [world.entra.directory, world.graph]) part.reset()
    world.graph.calendars.clear()
    for (const { emailAddress } of [attic, turing]) await change('DELETE', roomPath(emailAddress))
  })

  const change = async (method: string, path: string, body?: unknown, person = grace) =>
    ask(method, path, { bearer: await adminToken(world, person), body })
  const add = (room: { emailAddress: string } = turing, as: object = named) =>
    change('PUT', roomPath(room.emailAddress), as)
  const listed = async () => (await change('GET', adminPaths.rooms)).body as unknown as Rooms

  /** A request of a screen, which shows this cookie. */
  const screenAsks = (
    method: string,
    path: string,
    { cookie = '', body }: { cookie?: string; body?: object } = {},
  ) =>
    fetch(origin + path, {
      method,
      headers: { ...(cookie && { cookie }), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const offer = async (): Promise<Pairing> =>
    pairingFrom(await (await screenAsks('POST', roomPaths.pairings)).json())
  const claim = ({ secret }: Pairing) => screenAsks('POST', roomPaths.claim, { body: { secret } })
  const pair = (code: string, shows: object = { address: turing.emailAddress }, person = grace) =>
    change('POST', adminPaths.screens, { code, ...shows }, person)
  /** The cookie of a paired screen, as a browser sends it. */
  const paired = async (shows?: object): Promise<string> => {
    const pairing = await offer()
    expect((await pair(pairing.code, shows)).status).toBe(204)
    return cookieIn(await claim(pairing))
  }
  const cookieIn = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const seenBy = async (cookie: string): Promise<Shown> =>
    shownFrom(await (await screenAsks('GET', roomPaths.screen, { cookie })).json())
  const put = (id: string, more: object = {}, room: { emailAddress: string } = turing) =>
    world.graph.calendars.put(
      {
        id,
        subject: id,
        start: new Date(Date.now() + 3_600_000).toISOString(),
        end: new Date(Date.now() + 7_200_000).toISOString(),
        isOrganizer: false,
        body: 'Agenda https://zoom.us/j/91234567890',
        required: [{ name: 'Bob', address: 'bob@fabrikam.example' }],
        ...more,
      },
      room.emailAddress,
    )

  test('is picked from those of the directory, which come page by page', async () => {
    world.graph.limitPlacePages(1)
    const { places } = (await change('GET', adminPaths.places)).body as unknown as Places
    expect(places.map(({ address }) => address)).toContain(turing.emailAddress)
    expect(places).toHaveLength(Object.keys(rooms).length)
    expect(places).toContainEqual({
      address: turing.emailAddress,
      name: turing.displayName,
      building: 'Annex',
      floor: '1',
    })
  })

  test('is added with its mailbox, listed, renamed, and removed with its screens and the connection', async () => {
    expect((await add()).status).toBe(204)
    expect((await add(turing, { ...named, name: 'Alan' })).status).toBe(204)
    const cookie = await paired()
    expect(await listed()).toMatchObject({
      rooms: [
        {
          address: turing.emailAddress,
          ...named,
          name: 'Alan',
          mailbox: { objectId: turing.objectId, permission: 'read', state: 'connected' },
          screens: [{ kind: 'room' }],
        },
      ],
      walls: [],
    })
    expect((await change('DELETE', roomPath(turing.emailAddress))).status).toBe(204)
    expect(await listed()).toMatchObject({ rooms: [], walls: [] })
    expect((await screenAsks('GET', roomPaths.screen, { cookie })).status).toBe(401)
    expect((await change('DELETE', mailboxPath(turing.objectId))).status).toBe(404)
    const again = await change('DELETE', roomPath(turing.emailAddress))
    expect(again).toMatchObject({ status: 404, body: { code: 'room_not_added' } })
    const { records } = (await change('GET', `${adminPaths.audit}?limit=30`)).body as unknown as AuditPage
    const subject = `person:${subjectOf(turing)}`
    for (const act of ['room added', 'room removed'])
      expect(records).toContainEqual(expect.objectContaining({ act, subject, caller: subjectOf(grace) }))
    expect(records.map(({ act }) => act)).toContain('screen paired')
  })

  test('whose name cannot be opened any more is listed by its mailbox, and removed or named again', async () => {
    if (!world.settings.DATABASE_URL) return
    const lose = () => world.sql(`update rooms set sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20))`)
    await add()
    await lose()
    const { objectId } = turing
    expect((await listed()).rooms).toMatchObject([{ address: '', name: objectId, objectId }])
    await add()
    expect((await listed()).rooms).toMatchObject([{ address: turing.emailAddress, name: named.name }])
    await lose()
    expect((await change('DELETE', roomPath(objectId))).status).toBe(204)
    expect(await listed()).toMatchObject({ rooms: [], walls: [] })
  })

  test('whose mailbox was disconnected says so', async () => {
    await add()
    await change('DELETE', mailboxPath(turing.objectId))
    expect((await listed()).rooms).toMatchObject([{ address: turing.emailAddress, mailbox: null }])
  })

  const fault = (more: object) => () => world.faults.add({ vendor: 'graph', times: 2, ...more })
  test.each([
    ['may not', 409, 'places_not_permitted', () => world.entra.directory.giveOwn(['Calendars.Read'])],
    ['gets no answer', 503, 'graph_unreachable', fault({ drop: true })],
    ['meets Graph busy', 503, 'graph_unreachable', fault({ status: 429 })],
    ['gets another answer', 503, 'graph_unreachable', fault({ status: 200, body: {} })],
    [
      'is sent to somebody else for the next page',
      503,
      'graph_unreachable',
      fault({ status: 200, body: { value: [], '@odata.nextLink': 'https://evil.example/v1.0/places' } }),
    ],
    ['was removed', 409, 'application_missing', () => world.entra.directory.removeApplication()],
  ] as const)(
    'says why the rooms of the directory cannot be read where the application %s',
    async (_, status, code, begin) => {
      begin()
      expect(await change('GET', adminPaths.places)).toMatchObject({ status, body: { code } })
    },
  )

  test.each([
    ['may not', 409, 'places_not_permitted', () => world.entra.directory.giveOwn(['Calendars.Read'])],
    ['gets no answer', 503, 'graph_unreachable', fault({ drop: true })],
    ['meets a gateway', 503, 'graph_unreachable', fault({ status: 404, body: '<html>' })],
  ] as const)(
    'is not added, and nothing is stored, where the application %s',
    async (_, status, code, begin) => {
      begin()
      expect(await add()).toMatchObject({ status, body: { code } })
      world.entra.directory.reset()
      expect(await listed()).toMatchObject({ rooms: [], walls: [] })
    },
  )

  test('is no mailbox of a person, whose calendar no screen shows', async () => {
    const answer = await change('PUT', roomPath(ada.emailAddress), named)
    expect(answer).toMatchObject({ status: 404, body: { code: 'no_such_room' } })
  })

  test('keeps a connection that an administrator has made before, with its permission', async () => {
    const mailbox = mailboxPath(turing.objectId)
    await change('PUT', mailbox, { permission: 'read' })
    await add()
    await change('DELETE', roomPath(turing.emailAddress))
    expect((await change('DELETE', mailbox)).status).toBe(204)
  })

  test('that the directory does not know is not added', async () => {
    const answer = await change('PUT', roomPath('nowhere@contoso.example'), named)
    expect(answer).toMatchObject({ status: 404, body: { code: 'no_such_room' } })
    expect(await change('PUT', roomPath('no address'), named)).toMatchObject({
      status: 400,
      body: { field: 'address' },
    })
    expect(await change('PUT', roomPath(turing.emailAddress), { ...named, name: '' })).toMatchObject({
      status: 400,
      body: { field: 'name' },
    })
  })

  test('is changed by no auditor', async () => {
    await add()
    const { code } = await offer()
    for (const answer of [
      await change('PUT', roomPath(attic.emailAddress), named, joan),
      await change('DELETE', roomPath(turing.emailAddress), undefined, joan),
      await pair(code, undefined, joan),
      await change('DELETE', screenPath('1'), undefined, joan),
    ])
      expect(answer).toMatchObject({ status: 403, body: { code: 'role_too_low' } })
    expect((await change('GET', adminPaths.rooms, undefined, joan)).status).toBe(200)
  })

  describe('and its screen', () => {
    beforeEach(async () => void (await add()))

    test('shows the title, the time and the link of an event, and nothing else of it', async () => {
      put('Review', { location: 'Somewhere' })
      const cookie = await paired()
      const { kind, name, rooms: shown } = await seenBy(cookie)
      expect({ kind, name }).toEqual({ kind: 'room', name: 'Turing' })
      const text = await (await screenAsks('GET', roomPaths.screen, { cookie })).text()
      expect(JSON.parse(text).rooms[0].events).toEqual([
        {
          subject: 'Review',
          start: expect.stringMatching(/Z$/),
          minutes: 60,
          allDay: false,
          joinLink: 'https://zoom.us/j/91234567890',
        },
      ])
      expect(shown[0]?.events).toHaveLength(1)
      for (const secret of ['Agenda', 'fabrikam', 'Bob', turing.emailAddress])
        expect(text).not.toContain(secret)
    })

    test.each(['private', 'personal', 'confidential', 'of a new kind'])(
      'shows an event that is %s without its title',
      async (sensitivity) => {
        put(`Title ${sensitivity}`, { sensitivity })
        const text = await (await screenAsks('GET', roomPaths.screen, { cookie: await paired() })).text()
        expect(text).toContain('"minutes":60')
        expect(text).not.toContain('Title')
      },
    )

    test('is one of several that say so where their calendar cannot be read, and the others are shown', async () => {
      await add(attic, { ...named, name: 'Attic' })
      put('Review', {}, attic)
      await world.faults.add({
        vendor: 'graph',
        match: `${turing.objectId}/calendarView`,
        status: 503,
        times: 'always',
      })
      const { name, rooms: shown } = await seenBy(await paired({ building: 'Annex', floor: '1' }))
      expect(name).toBe('Annex, 1')
      expect(shown).toMatchObject([
        { name: 'Attic', events: [{ subject: 'Review' }] },
        { name: 'Turing', problem: expect.any(String) },
      ])
    })

    test('is known by a cookie that no script reads, that goes to its own paths only, and that works in one browser', async () => {
      const pairing = await offer()
      expect((await claim(pairing)).status).toBe(202)
      await pair(pairing.code)
      const first = await claim(pairing)
      expect(first.headers.get('set-cookie')).toMatch(
        /^__Secure-room-screen=[\w-]{43}; Max-Age=\d+; Path=\/rooms; HttpOnly; Secure; SameSite=Strict$/,
      )
      // The answer may be lost: a second one works, and ends the first.
      const second = cookieIn(await claim(pairing))
      expect((await screenAsks('GET', roomPaths.screen, { cookie: cookieIn(first) })).status).toBe(401)
      expect((await screenAsks('GET', roomPaths.screen, { cookie: second })).status).toBe(200)
    })

    test.each([
      ['no cookie', ''],
      ['another one', `__Secure-room-screen=${'A'.repeat(43)}`],
      ['one of another form', '__Secure-room-screen=%27'],
      ['an empty one', '__Secure-room-screen='],
    ])('shows nothing to a request with %s', async (_, cookie) => {
      for (const [method, path] of [
        ['GET', roomPaths.screen],
        ['DELETE', roomPaths.screen],
        ['GET', roomPaths.hints],
      ] as const)
        expect((await screenAsks(method, path, { cookie })).status).toBe(401)
    })

    test('shows nothing of a room whose mailbox is disconnected, or whose access an administrator has ended', async () => {
      put('Review')
      const cookie = await paired()
      expect(JSON.stringify(await seenBy(cookie))).toContain('Review')
      await change('DELETE', mailboxPath(turing.objectId))
      expect((await seenBy(cookie)).rooms).toEqual([{ name: 'Turing', problem: 'mailbox_not_connected' }])
      await add()
      expect(JSON.stringify(await seenBy(cookie))).toContain('Review')
      await change('PUT', revocationPath(subjectOf(turing)))
      onTestFinished(async () => void (await change('DELETE', revocationPath(subjectOf(turing)))))
      expect(JSON.stringify(await seenBy(cookie))).not.toContain('Review')
    })

    test('hears that its room was removed', async () => {
      const hints = await screenAsks('GET', roomPaths.hints, { cookie: await paired() })
      await change('DELETE', roomPath(turing.emailAddress))
      expect(await hints.text()).toContain('event: ended\ndata: session_ended')
    })

    test('is opened by the cookie of no other room', async () => {
      await add(attic, { ...named, name: 'Attic' })
      put('Elsewhere', {}, attic)
      const { rooms: shown } = await seenBy(await paired())
      expect(shown.map(({ name }) => name)).toEqual(['Turing'])
    })

    test('is paired by a code once, and by none that nobody shows or that has ended', async () => {
      const { code, secret } = await offer()
      expect(await pair('BCDF-GHJK')).toMatchObject({ status: 404, body: { code: 'no_such_code' } })
      expect(await pair('12345678')).toMatchObject({ status: 400, body: { field: 'code' } })
      const elsewhere = await pair(code, { address: attic.emailAddress })
      expect(elsewhere).toMatchObject({ status: 404, body: { code: 'room_not_added' } })
      expect((await pair(code)).status).toBe(204)
      expect(await pair(code)).toMatchObject({ status: 404, body: { code: 'no_such_code' } })
      expect((await listed()).rooms[0]?.screens).toHaveLength(1)

      if (!world.settings.DATABASE_URL) return
      const old = await offer()
      await world.sql(`update room_pairings set until = now() - interval '1 second'`)
      expect(await pair(old.code)).toMatchObject({ status: 404, body: { code: 'no_such_code' } })
      for (const ended of [old, { ...old, secret }]) expect((await claim(ended)).status).toBe(404)
      expect((await screenAsks('POST', roomPaths.claim, { body: { secret: 'x' } })).status).toBe(400)
    })

    test('hears at once that it was removed, and can leave by itself', async () => {
      const [removed, left] = [await paired(), await paired()]
      const hints = await screenAsks('GET', roomPaths.hints, { cookie: removed })
      const [{ screens: [one] = [] } = {}] = (await listed()).rooms
      expect((await change('DELETE', screenPath(one?.id ?? ''))).status).toBe(204)
      expect(await hints.text()).toContain('event: ended\ndata: session_ended')
      expect((await screenAsks('GET', roomPaths.screen, { cookie: removed })).status).toBe(401)
      expect((await change('DELETE', screenPath(one?.id ?? ''))).status).toBe(404)

      expect((await screenAsks('DELETE', roomPaths.screen, { cookie: left })).status).toBe(204)
      expect((await screenAsks('GET', roomPaths.screen, { cookie: left })).status).toBe(401)
      expect((await listed()).rooms[0]?.screens).toEqual([])
      const { records } = (await change('GET', `${adminPaths.audit}?limit=30`)).body as unknown as AuditPage
      const [byItself, byHand] = records.filter(({ act }) => act === 'screen removed')
      expect(byItself).toMatchObject({ caller: null })
      expect(byHand).toMatchObject({ caller: subjectOf(grace) })
    })

    test('is no page for others: no cookie comes with an answer to another origin', async () => {
      const answer = await fetch(`${origin}${roomPaths.screen}`, {
        headers: { origin: 'https://evil.example', cookie: await paired() },
      })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    })

    test('leaves no word of an event, a code or a cookie in the log', async () => {
      put('Canary of the room')
      const pairing = await offer()
      await pair(pairing.code)
      const cookie = cookieIn(await claim(pairing))
      await seenBy(cookie)
      const lines = world.logged.join('')
      for (const secret of ['Canary', pairing.code, pairing.secret, cookie.split('=')[1] ?? ''])
        expect(lines).not.toContain(secret)
    })
  })
})
