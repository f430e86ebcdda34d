import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ownerHeader } from '../../src/contract/owner.ts'
import { paths } from '../../src/contract/paths.ts'
import { mailboxes } from '../../src/simulator/people.ts'
import { findUser } from '../../src/simulator/zoom/users.ts'
import { newKey, nextSecond, quarterlyReview } from '../kit.ts'
import { type Identity, openIdentity, tim } from './identity/kit.ts'
import { engines, interruptCreation } from './kit.ts'

/** At Zoom, Alan lets Ada, Tim and Vint schedule for him, and Barbara lets Ada; nobody else lets anybody. */
const ada = mailboxes['exchange-online']
const alan = mailboxes['no-bridge']
const barbara = mailboxes['no-popups']
const claude = mailboxes['interaction-required']
const donald = mailboxes['consent-required']
const vint = mailboxes.hybrid
const everybody = { ada, alan, barbara, claude, donald, vint }
const office = 'office@contoso.example'
const idOfAlan = String(findUser(alan.emailAddress)?.id)

describe.each(engines)('for somebody else, on the %s database', (engine) => {
  let identity: Identity
  let tokens: Record<keyof typeof everybody, string>

  beforeAll(async () => {
    identity = await openIdentity(engine, { SWEEP_SECONDS: 0.5 })
    const signed = Object.entries(everybody).map(async ([name, person]) => [
      name,
      await identity.world.token(person),
    ])
    tokens = Object.fromEntries(await Promise.all(signed))
  })
  afterAll(() => identity.close())
  afterEach(() => identity.world.faults.clear())

  const headers = (owner?: string) =>
    owner === undefined ? {} : { [ownerHeader]: encodeURIComponent(owner) }
  const put = (bearer: string, key: string, owner?: string, changes: object = {}) =>
    identity.ask('PUT', `/meetings/${key}`, {
      bearer,
      headers: headers(owner),
      body: { ...quarterlyReview, ...changes },
    })
  const remove = (bearer: string, key: string, owner?: string) =>
    identity.ask('DELETE', `/meetings/${key}`, { bearer, headers: headers(owner) })
  const all = () => identity.world.zoom.meetings()
  const meeting = (id: unknown) => all().find((one) => String(one.id) === id)
  const requests = () => identity.world.zoom.requests()
  const idOf = (email: string) => findUser(email)?.id
  const privilege = () => `/users/${idOf(alan.emailAddress)}/assistants/${idOf(ada.emailAddress)}`

  /** Proofs are dated to the second: the next one counts from the next on. */
  async function disconnect(bearer: string) {
    await identity.ask('DELETE', paths.me, { bearer })
    await nextSecond()
  }

  /** An appointment in Alan's calendar, to which Ada has added a meeting. */
  async function scheduled() {
    const key = newKey()
    const { body } = await put(tokens.ada, key, alan.emailAddress)
    return { key, id: body.id as string, ticket: body.ticket as string }
  }

  test('a meeting in somebody’s calendar is theirs, and Zoom is asked for it by whoever schedules', async () => {
    const { id } = await scheduled()
    expect(meeting(id)).toMatchObject({ host_email: alan.emailAddress, topic: 'Quarterly review' })
    expect(
      requests().findLast(({ method, path }) => method === 'POST' && path.endsWith('/meetings')),
    ).toMatchObject({
      path: `/v2/users/${idOf(ada.emailAddress)}/meetings`,
      body: { schedule_for: idOf(alan.emailAddress) },
    })
  })

  test('its host, who opens the same appointment, has the same meeting, also at first use', async () => {
    for (const [name, person] of [
      ['alan', alan],
      ['barbara', barbara],
    ] as const) {
      const key = newKey()
      const { body } = await put(tokens.ada, key, person.emailAddress)
      const before = all().length
      const theirs = await put(tokens[name], key, undefined, { subject: 'Renamed' })
      expect(theirs).toMatchObject({ status: 200, body: { id: body.id, joinUrl: body.joinUrl } })
      expect(meeting(body.id)).toMatchObject({ topic: 'Renamed', host_email: person.emailAddress })
      expect(all().length).toBe(before)
    }
  })

  test('whoever else may schedule for them has the same meeting; and so has one for whom they made it themselves', async () => {
    const { key, id } = await scheduled()
    expect((await put(tokens.vint, key, alan.emailAddress, { subject: 'By Vint' })).body.id).toBe(id)
    expect(meeting(id)?.topic).toBe('By Vint')
    const own = newKey()
    const { body } = await put(tokens.alan, own)
    expect((await put(tokens.ada, own, alan.emailAddress, { subject: 'By Ada' })).body.id).toBe(body.id)
    expect(meeting(body.id)).toMatchObject({ topic: 'By Ada', host_email: alan.emailAddress })
    expect((await remove(tokens.ada, own, alan.emailAddress)).status).toBe(204)
    expect(meeting(body.id)).toBeUndefined()
  })

  test('a mailbox on an Exchange server may do the same', async () => {
    const { session } = await identity.session(tim)
    const { key, id } = await scheduled()
    expect((await put(session, key, alan.emailAddress)).body.id).toBe(id)
    const made = await put(session, newKey(), alan.emailAddress)
    expect(meeting(made.body.id)?.host_email).toBe(alan.emailAddress)
  })

  test('all of them at once, over and over, make one meeting', async () => {
    for (let round = 0; round < 3; round++) {
      const key = newKey()
      const before = all().length
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => [
          put(tokens.ada, key, alan.emailAddress),
          put(tokens.alan, key),
          put(tokens.vint, key, alan.emailAddress),
        ]).flat(),
      )
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
      expect(all().length - before).toBe(1)
    }
  })

  test.skipIf(engine === 'embedded')('two at the very same moment make one record', async () => {
    const key = newKey()
    const subject = `entra:${vint.tenantId}:${vint.objectId}`
    const before = all().length
    const other = await identity.world.transaction()
    await other.query(`insert into meetings (subject, key, host_id, delegated, leased_until)
      values ('${subject}', '${key}', '${idOfAlan}', true, now())`)
    const begun = put(tokens.ada, key, alan.emailAddress)
    const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    await expect.poll(() => identity.sql(waiting)).not.toEqual([])
    await other.commit()
    expect((await begun).status).toBe(200)
    expect(all().length - before).toBe(1)
    expect(await identity.sql(`select subject from meetings where key = '${key}'`)).toEqual([{ subject }])
  })

  test('an own address is no other’s', async () => {
    const { body } = await put(tokens.ada, newKey(), ada.emailAddress.toUpperCase())
    expect(meeting(body.id)?.host_email).toBe(ada.emailAddress)
  })

  test.each([
    [
      'an owner who does not let them schedule',
      claude.emailAddress,
      'owner_does_not_allow',
      /scheduling privilege/,
    ],
    ['a shared mailbox without a Zoom user', office, 'owner_has_no_zoom_account', /no Zoom account/],
    ['somebody from elsewhere', 'mallory@elsewhere.example', 'owner_has_no_zoom_account', /no Zoom account/],
  ])(
    '%s: a sentence of its own, nothing is made, and the own calendar still works',
    async (_, owner, code, says) => {
      const key = newKey()
      const before = all().length
      const answer = await put(tokens.ada, key, owner)
      expect(answer).toMatchObject({ status: 409, body: { code, title: expect.stringMatching(says) } })
      expect(all().length).toBe(before)
      expect((await put(tokens.ada, key)).status).toBe(200)
    },
  )

  test('a stranger who knows a key can do nothing with it', async () => {
    const { key, id } = await scheduled()
    const own = newKey()
    const { body: adas } = await put(tokens.ada, own)
    const refusals = [
      await put(tokens.donald, key, alan.emailAddress, { subject: 'Stolen' }),
      await remove(tokens.donald, key, alan.emailAddress),
      await put(tokens.donald, own, ada.emailAddress, { subject: 'Stolen' }),
      await remove(tokens.donald, own, ada.emailAddress),
    ]
    for (const answer of refusals) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'owner_does_not_allow' } })
      expect(JSON.stringify(answer.body)).not.toContain('joinUrl')
    }
    expect((await remove(tokens.donald, key)).status).toBe(204)
    const theirOwn = await put(tokens.donald, key, undefined, { subject: 'My own' })
    expect(meeting(theirOwn.body.id)).toMatchObject({ host_email: donald.emailAddress, topic: 'My own' })
    expect(meeting(id)).toMatchObject({ host_email: alan.emailAddress, topic: 'Quarterly review' })
    expect(meeting(adas.id)?.topic).toBe('Quarterly review')
    expect((await put(tokens.alan, key)).body.id).toBe(id)
    expect((await put(tokens.ada, own)).body.id).toBe(adas.id)
  })

  test('a meeting keeps its host, whoever’s calendar a later request names', async () => {
    const { key, id } = await scheduled()
    const before = all().length
    for (const owner of [undefined, barbara.emailAddress, ada.emailAddress])
      expect(await put(tokens.ada, key, owner)).toMatchObject({ status: 200, body: { id } })
    expect((await put(tokens.ada, key, claude.emailAddress)).body.code).toBe('owner_does_not_allow')
    const own = newKey()
    const { body } = await put(tokens.ada, own)
    expect((await put(tokens.ada, own, alan.emailAddress)).body.id).toBe(body.id)
    expect(meeting(body.id)?.host_email).toBe(ada.emailAddress)
    expect(all().length).toBe(before + 1)
  })

  test('of two meetings with one key, the calendar says which is meant, and a ticket says it itself', async () => {
    const key = newKey()
    const { body: alans } = await put(tokens.alan, key)
    const { body: adas } = await put(tokens.ada, key)
    expect(adas.id).not.toBe(alans.id)
    const forAlan = await put(tokens.ada, key, alan.emailAddress)
    expect(forAlan.body.id).toBe(alans.id)
    expect((await put(tokens.ada, key)).body.id).toBe(adas.id)
    expect((await put(forAlan.body.ticket as string, key)).body.id).toBe(alans.id)
  })

  test('of two meetings with one key, both in other calendars, who names no calendar has the one that they made', async () => {
    for (const [theirs, token, mine] of [
      [alan, tokens.alan, barbara],
      [barbara, tokens.barbara, alan],
    ] as const) {
      const key = newKey()
      await put(token, key)
      const { body } = await put(tokens.ada, key, mine.emailAddress)
      await put(tokens.ada, key, theirs.emailAddress)
      await put(tokens.ada, key, mine.emailAddress)
      expect((await put(tokens.ada, key)).body.id).toBe(body.id)
    }
  })

  test('when the privilege is withdrawn, its holder changes and removes nothing any more, not even with a ticket; the host still can', async () => {
    onTestFinished(identity.world.zoom.reset)
    const { key, id, ticket } = await scheduled()
    const own = newKey()
    const { body: alans } = await put(tokens.alan, own)
    const forAlans = (await put(tokens.ada, own, alan.emailAddress)).body.ticket as string
    await identity.world.atZoom('DELETE', privilege())
    const attempts = [
      await put(tokens.ada, key, alan.emailAddress, { subject: 'Stolen' }),
      await put(tokens.ada, key, undefined, { subject: 'Stolen' }),
      await put(tokens.ada, key, ada.emailAddress, { subject: 'Stolen' }),
      await put(ticket, key, undefined, { subject: 'Stolen' }),
      await put(forAlans, own, undefined, { subject: 'Stolen' }),
      await remove(tokens.ada, key, alan.emailAddress),
      await remove(tokens.ada, key),
      await put(tokens.ada, newKey(), alan.emailAddress),
    ]
    for (const answer of attempts)
      expect(answer).toMatchObject({ status: 409, body: { code: 'owner_does_not_allow' } })
    for (const one of [id, alans.id]) expect(meeting(one)?.topic).toBe('Quarterly review')
    expect((await put(tokens.alan, key, undefined, { subject: 'Mine' })).body.id).toBe(id)
    expect((await remove(tokens.alan, key)).status).toBe(204)
    expect(meeting(id)).toBeUndefined()
  })

  test('when Zoom itself refuses, it is the same sentence, and nothing is left', async () => {
    const key = newKey()
    const refusal = { status: 400, body: { code: 3000, message: 'You cannot schedule a meeting for' } }
    identity.world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', ...refusal })
    expect((await put(tokens.ada, key, alan.emailAddress)).body.code).toBe('owner_does_not_allow')
    const before = all().length
    expect((await put(tokens.alan, key)).status).toBe(200)
    expect(all().length - before).toBe(1)
  })

  test.each([
    ['nothing', ''],
    ['no address', 'alan'],
    ['a Zoom id', idOfAlan],
    ['Zoom’s word for oneself', 'me'],
    ['two addresses', 'alan@contoso.example,claude@contoso.example'],
    ['two addresses, encoded', 'alan%40contoso.example%2Cclaude%40contoso.example%20'],
    ['a broken code', '%E0%A4%A'],
    ['a line break and another header', 'alan%40contoso.example%0D%0AAuthorization%3A%20x'],
    ['a zero', 'alan%40contoso.example%00'],
    ['a path', '..%2F..%2Fmeetings%2F1%40x'],
    ['a path, encoded twice', 'alan%252F..%252Fada%40contoso.example'],
    ['a query', 'alan%40contoso.example%3Fa%3Db'],
    ['markup', '%3Cscript%3E%40contoso.example%20'],
    ['far too much', `${'a'.repeat(500)}%40contoso.example`],
    ['too much to read', 'a'.repeat(5_000)],
  ])('%s instead of an address is refused, reaches nobody and is not repeated', async (_, value) => {
    const [before, asked] = [all().length, requests().length]
    const key = newKey()
    for (const method of ['PUT', 'DELETE']) {
      const body = method === 'PUT' ? { body: quarterlyReview } : {}
      const answer = await identity.ask(method, `/meetings/${key}`, {
        bearer: tokens.ada,
        headers: { [ownerHeader]: value },
        ...body,
      })
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', field: ownerHeader } })
      if (value.length > 2) expect(JSON.stringify(answer.body)).not.toContain(value)
    }
    expect([all().length, requests().length]).toEqual([before, asked])
  })

  test('an address with other letters than the ASCII ones arrives whole', async () => {
    const answer = await put(tokens.ada, newKey(), 'zoë@contoso.example')
    expect(answer.body.code).toBe('owner_has_no_zoom_account')
    expect(requests().map(({ path }) => path)).toContain(
      `/v2/users/${encodeURIComponent('zoë@contoso.example')}`,
    )
  })

  test('who has disconnected learns nothing about anybody', async () => {
    const { session } = await identity.session(tim)
    await disconnect(session)
    expect((await put(session, newKey(), 'unknown@contoso.example')).status).toBe(401)
    const old = tokens.vint
    await disconnect(old)
    expect((await put(old, newKey(), 'unknown@contoso.example')).status).toBe(401)
    tokens.vint = await identity.world.token(vint)
    expect((await put(tokens.vint, newKey())).status).toBe(200)
    expect((await put(old, newKey(), 'unknown@contoso.example')).status).toBe(401)
    expect(requests().filter(({ path }) => path.includes('unknown'))).toEqual([])
  })

  test('the owner’s address is neither logged nor kept', async () => {
    await scheduled()
    await put(tokens.ada, newKey(), office)
    expect(identity.world.logged.join('')).not.toMatch(/alan|office|@/)
    if (engine === 'embedded') return
    expect(
      JSON.stringify(await identity.sql('select * from meetings union all select * from meetings')),
    ).not.toMatch(/alan|office|@/)
  })

  test('when Zoom’s answer is lost, the next try finds the meeting in its host’s list, whoever makes it', async () => {
    for (const again of [
      (key: string) => put(tokens.ada, key, alan.emailAddress),
      (key: string) => put(tokens.alan, key),
      (key: string) => put(tokens.vint, key, alan.emailAddress),
    ]) {
      const key = newKey()
      const before = all().length
      interruptCreation(identity.world.faults)
      expect((await put(tokens.ada, key, alan.emailAddress)).body.code).toBe('zoom_unreachable')
      expect((await again(key)).status).toBe(200)
      expect(all().length - before).toBe(1)
    }
  })

  test.skipIf(engine === 'embedded')(
    'what nobody comes back for is taken out of the host’s list',
    async () => {
      const key = newKey()
      const before = all().length
      interruptCreation(identity.world.faults)
      await put(tokens.ada, key, alan.emailAddress)
      expect(all().length - before).toBe(1)
      await identity.sql(
        `update meetings set leased_until = now() - interval '2 minutes' where key = '${key}'`,
      )
      await expect.poll(() => all().length - before).toBe(0)
    },
  )

  test('a ticket changes its meeting, for its holder and with their rights, and no other of them', async () => {
    const { key, id, ticket } = await scheduled()
    expect((await put(ticket, key, undefined, { subject: 'By ticket' })).body.id).toBe(id)
    expect(meeting(id)?.topic).toBe('By ticket')
    for (const owner of [barbara.emailAddress, claude.emailAddress, office])
      expect((await put(ticket, key, owner)).body.id).toBe(id)
    const before = all().length
    expect((await put(ticket, newKey(), alan.emailAddress)).status).toBe(401)
    expect((await remove(ticket, key, alan.emailAddress)).status).toBe(401)
    expect(all().length).toBe(before)

    const vints = (await put(tokens.vint, key, alan.emailAddress)).body.ticket as string
    expect((await put(ticket, key)).status).toBe(401)
    expect((await put(vints, key, undefined, { subject: 'By Vint’s' })).body.id).toBe(id)
    expect(meeting(id)?.topic).toBe('By Vint’s')
  })

  test('a ticket ends with what its own holder has proved, and with nobody else’s', async () => {
    const { session } = await identity.session(tim)
    const { key } = await scheduled()
    const tims = (await put(session, key, alan.emailAddress)).body.ticket as string
    await disconnect(tokens.ada)
    tokens.ada = await identity.world.token(ada)
    expect((await put(tims, key)).status).toBe(200)
    await disconnect(session)
    expect((await put(tims, key)).status).toBe(401)
  })

  test('who schedules with another Zoom account since keeps the meetings that they made', async () => {
    const { session } = await identity.session(tim)
    const key = newKey()
    const { body } = await put(session, key)
    await disconnect(session)
    const { session: newer } = await identity.session(tim, donald.emailAddress)
    expect((await put(newer, key, undefined, { subject: 'Still mine' })).body.id).toBe(body.id)
    expect(meeting(body.id)).toMatchObject({ topic: 'Still mine', host_email: tim.emailAddress })
    await identity.world.atZoom('DELETE', `/meetings/${body.id}`)
    const anew = await put(newer, key)
    expect(meeting(anew.body.id)?.host_email).toBe(donald.emailAddress)
    expect((await put(newer, key)).body.id).toBe(anew.body.id)
  })
})
