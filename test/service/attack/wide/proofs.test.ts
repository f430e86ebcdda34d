import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ownerHeader } from '../../../../src/contract/owner.ts'
import { paths } from '../../../../src/contract/paths.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, nextSecond, untilHeld } from '../../../kit.ts'
import { ada, engines } from '../../kit.ts'
import {
  type Answer,
  type Attacked,
  ask,
  attackedHere,
  openAttacked,
  put,
  remove,
  type Service,
} from '../kit.ts'

const alan = mailboxes['no-bridge']
const barbara = mailboxes['no-popups']
const forAlan = { [ownerHeader]: encodeURIComponent(alan.emailAddress) }
/** For attacks that do not reach the database: a service on PostgreSQL starts in less time. */
const quick = engines.at(-1) ?? 'embedded'
const seed = 20_261_128
const hour = 3_600_000

type Claims = Record<string, unknown>
const base64url = (text: string) => Buffer.from(text).toString('base64url')
const clear = (part: string) => Buffer.from(part, 'base64url').toString()

describe('a forger', () => {
  let world: Attacked
  let service: Service
  let honest: Claims
  beforeAll(async () => {
    world = await openAttacked(quick)
    service = await world.start()
    honest = { ...(await world.entra.claims(ada)) }
  })
  afterAll(() => world.close())

  /** Every forged proof gets the same answer, and none reaches Zoom. Node itself refuses a header of more than 16 kB. */
  async function refuses(token: string) {
    const asked = world.zoom.requests().length
    const { status, body } = await put(service, token, newKey())
    const answer = { status, code: body.code, title: body.title }
    const tooLong = { status: 431, code: undefined, title: undefined }
    const refused = { status: 401, code: 'sign_in_required', title: 'Sign in to continue.' }
    expect(answer, token.slice(0, 300)).toEqual(token.length > 16_384 ? tooLong : refused)
    expect(world.zoom.requests().length).toBe(asked)
  }

  /** Values that a careless comparison takes for the right one. */
  const nearly = (value: unknown): fc.Arbitrary<unknown> => {
    const text = String(value)
    return fc
      .oneof(
        fc.constantFrom<unknown>(
          `${text} `,
          ` ${text}`,
          `${text}\0`,
          `${text}/`,
          `${text}\n`,
          text.slice(0, -1),
          [value],
          { value },
          [text, 'other'],
          null,
          true,
          0,
          '',
          `${text},${text}`,
          text.replace('a', 'а'),
        ),
        fc.jsonValue(),
      )
      .filter((other) => other !== value && !(value === 'access_as_user' && String(other).trim() === value))
  }
  const decisive = ['ver', 'aud', 'iss', 'tid', 'azp', 'scp', 'oid', 'iat', 'nbf', 'exp'] as const

  test('gets nothing by a token that is right in all but one claim', async () => {
    const change = fc
      .constantFrom(...decisive)
      .chain((claim) => fc.record({ claim: fc.constant(claim), value: nearly(honest[claim]) }))
      .filter(({ claim, value }) => !(['iat', 'nbf', 'exp'].includes(claim) && Number.isInteger(value)))
    const never = fc.asyncProperty(change, async ({ claim, value }) => {
      await refuses(await world.entra.sign({ ...honest, [claim]: value }))
    })
    await fc.assert(never, { seed, numRuns: 120 })
  })

  test('gets nothing by one that is right in all but one member of its header', async () => {
    const change = fc.record({
      name: fc.oneof(
        fc.constantFrom('alg', 'typ', 'kid', 'crit', 'jwk', 'jku', 'x5c', 'x5u', 'cty'),
        fc.string(),
      ),
      value: fc.oneof(fc.jsonValue(), fc.constantFrom('none', 'HS256', 'rs256', 'RS256 ', 'jwt', 'at+jwt')),
    })
    const never = fc.asyncProperty(change, async ({ name, value }) => {
      if (name !== 'x5t') await refuses(await world.entra.sign(honest, { header: { [name]: value } }))
    })
    await fc.assert(never, { seed, numRuns: 80 })
  })

  test('gets nothing by a name that is written twice, in whichever spelling and place', async () => {
    const spelled = (name: string, at: number) => {
      const unit = name
        .charCodeAt(at % name.length)
        .toString(16)
        .padStart(4, '0')
      return `${name.slice(0, at % name.length)}\\u${unit}${name.slice((at % name.length) + 1)}`
    }
    const twice = fc.record({
      name: fc.constantFrom('aud', 'iss', 'tid', 'oid', 'azp', 'scp', 'exp', 'ver'),
      at: fc.nat(),
      isEscaped: fc.boolean(),
      isLast: fc.boolean(),
      blank: fc.constantFrom('', ' ', '\n', '\t \r'),
      value: fc.oneof(fc.constant(undefined), fc.jsonValue()),
    })
    const never = fc.asyncProperty(twice, async ({ name, at, isEscaped, isLast, blank, value }) => {
      const json = JSON.stringify(honest)
      const other = `"${isEscaped ? spelled(name, at) : name}"${blank}:${JSON.stringify(value ?? honest[name])}`
      await refuses(
        await world.entra.sign(isLast ? `${json.slice(0, -1)},${other}}` : `{${other},${json.slice(1)}`),
      )
      const [head = '', claims, signature] = (await world.token()).split('.')
      const header = `{${other.replace(name, 'alg')},"alg":"none",${clear(head).slice(1)}`
      await refuses(`${base64url(header)}.${claims}.${signature}`)
    })
    await fc.assert(never, { seed, numRuns: 50 })
  })

  // A genuine token may have 14,000 characters, and padding of 10,500 makes it longer.
  test.each([10_500, 14_000])('of %i characters gets no other answer', async (size) => {
    await refuses('a'.repeat(size))
    await refuses(`session_${'a'.repeat(size)}`)
    await refuses(`ticket_${'a'.repeat(size)}`)
    const [header, claims, signature] = (await world.token()).split('.') as [string, string, string]
    const padded = { ...honest, padding: 'x'.repeat(size) }
    await refuses(await world.entra.sign(padded))
    await refuses(`${header}.${claims}.${signature}${'A'.repeat(size)}`)
    await refuses(`${base64url('['.repeat(size / 2))}.${claims}.${signature}`)
    await refuses(await world.entra.sign(`{"deep":${'['.repeat(2_000)}${']'.repeat(2_000)}}`))
  })

  test('sends more than a server reads, and others are still served', async () => {
    const token = await world.token()
    const answers = await Promise.all(
      [17_000, 100_000, 1_000_000].map((size) =>
        raw(service, `GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'a'.repeat(size)}\r\n\r\n`),
      ),
    )
    for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1.1 431 |$)/)
    expect((await put(service, token, newKey())).status).toBe(200)
  })

  test('leaves no word of what was forged in the log', () => {
    expect(service.said()).toContain('"act":"proof refused"')
    expect(service.said()).not.toMatch(/padding|"bug"|\[withheld\]|eyJ|a{9}/)
  })
})

describe('Entra’s keys', () => {
  const fetched = (world: Attacked) =>
    world.faults.calls().filter(({ call }) => call.includes('/discovery/')).length

  /** 100 requests at once, while the first fetch of the keys is held: the statuses. */
  async function crowd(world: Attacked, service: Service, tokens: readonly string[]) {
    world.faults.add({ vendor: 'entra', match: '/discovery/', hold: true })
    const asked = Array.from({ length: 100 }, (_, at) =>
      ask(service, 'GET', paths.me, tokens[at % tokens.length] ?? ''),
    )
    await untilHeld(world.faults)
    await world.faults.release()
    return (await Promise.all(asked)).map(({ status }) => status)
  }
  const all = (status: number) => Array<number>(100).fill(status)

  test('are fetched once for many callers: at the start, when one appears, and when one disappears', async () => {
    const world = await attackedHere(quick)
    const service = await world.start()
    const first = await world.token()
    expect(await crowd(world, service, [first])).toEqual(all(200))
    expect(fetched(world)).toBe(1)

    await service.setAhead(31_000)
    world.entra.rotate()
    const second = await world.token()
    expect(await crowd(world, service, [second])).toEqual(all(200))
    expect(fetched(world)).toBe(2)

    await service.setAhead(62_000)
    world.entra.rotate()
    const third = await world.token()
    expect(await crowd(world, service, [third])).toEqual(all(200))
    expect(fetched(world)).toBe(3)
    expect((await ask(service, 'GET', paths.me, second)).status).toBe(200)
    expect((await ask(service, 'GET', paths.me, first)).status).toBe(401)
    expect(fetched(world)).toBe(3)
  })

  test('that nobody knows cost one fetch, however many are made up, and the known ones are served meanwhile', async () => {
    const world = await attackedHere(quick)
    const service = await world.start()
    const known = await world.token()
    expect((await ask(service, 'GET', paths.me, known)).status).toBe(200)
    await service.setAhead(31_000)
    const claims = await world.entra.claims(ada)
    const madeUp = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        world.entra.sign(claims, { header: { kid: `made-up-${at}` }, key: 'stranger' }),
      ),
    )
    world.faults.add({ vendor: 'entra', match: '/discovery/', hold: true })
    const asked = madeUp.map((token) => ask(service, 'GET', paths.me, token))
    await untilHeld(world.faults)
    expect((await ask(service, 'GET', paths.me, known)).status).toBe(200)
    await world.faults.release()
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(all(401))
    for (const token of madeUp) expect((await ask(service, 'GET', paths.me, token)).status).toBe(401)
    expect(fetched(world)).toBe(2)
  })

  test('that cannot be fetched are no reason to refuse a proof, and a proof still ends while they cannot', async () => {
    const world = await attackedHere(quick)
    const service = await world.start()
    const token = await world.token()
    world.faults.add({ vendor: 'entra', match: '/discovery/', status: 500, times: 'always' })
    const early = await Promise.all(Array.from({ length: 50 }, () => ask(service, 'GET', paths.me, token)))
    expect(new Set(early.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['503 sign_in_unavailable']),
    )
    await world.faults.clear()
    await service.setAhead(3_000)
    expect((await ask(service, 'GET', paths.me, token)).status).toBe(200)

    world.faults.add({ vendor: 'entra', match: '/discovery/', drop: true, times: 'always' })
    const claims = await world.entra.claims(ada)
    const lasting = await world.entra.sign({ ...claims, exp: claims.exp + 48 * 3600 })
    await service.setAhead(23 * hour)
    expect((await ask(service, 'GET', paths.me, lasting)).status).toBe(200)
    expect((await ask(service, 'GET', paths.me, token)).status).toBe(401)
    await service.setAhead(25 * hour)
    expect((await ask(service, 'GET', paths.me, lasting)).body.code).toBe('sign_in_unavailable')
  })

  test('that are withdrawn end the tokens that were accepted before', async () => {
    const world = await attackedHere(quick)
    const service = await world.start()
    const claims = await world.entra.claims(ada)
    const stolen = await world.entra.sign({ ...claims, exp: claims.exp + 48 * 3600 })
    expect((await ask(service, 'GET', paths.me, stolen)).status).toBe(200)
    world.entra.rotate()
    await world.token()
    world.entra.rotate()
    await service.setAhead(31_000)
    expect((await ask(service, 'GET', paths.me, await world.token())).status).toBe(200)
    expect((await ask(service, 'GET', paths.me, stolen)).status).toBe(401)
  })

  test('sign for a person, and only until their token ends', async () => {
    const world = await attackedHere(quick)
    const service = await world.start()
    const token = await world.token()
    for (const [ahead, status] of [
      [0, 200],
      [50 * 60_000, 200],
      [93 * 60_000, 401],
      [-7 * 60_000, 401],
      [0, 200],
    ] as const) {
      await service.setAhead(ahead)
      expect((await ask(service, 'GET', paths.me, token)).status, `${ahead}`).toBe(status)
    }
  })
})

describe.each(engines)('with a stolen proof, on the %s database', (engine) => {
  let world: Attacked
  let one: Service
  /** Another process, where the database can be shared. */
  let two: Service
  let bearer: string
  beforeAll(async () => {
    world = await openAttacked(engine)
    one = await world.start()
    two = engine === 'PostgreSQL' ? await world.start() : one
    bearer = await world.token()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const topic = (id: unknown) => world.zoom.meetings().find((meeting) => String(meeting.id) === id)?.topic
  async function scheduled(proof = bearer, headers = {}, key = newKey()) {
    const { status, body } = await put(one, proof, key, {}, headers)
    expect(status).toBe(200)
    return { key, id: String(body.id), ticket: String(body.ticket) }
  }

  test('a ticket changes its meeting in every process, and none of anybody else’s', async () => {
    const mine = await scheduled()
    const others = [
      await scheduled(),
      await scheduled(await world.token(alan)),
      await scheduled(bearer, forAlan),
    ]
    expect((await put(two, mine.ticket, mine.key, { subject: 'Mine' })).status).toBe(200)
    expect(topic(mine.id)).toBe('Mine')
    for (const other of others)
      for (const service of [one, two])
        for (const headers of [{}, forAlan])
          expect((await put(service, mine.ticket, other.key, { subject: 'Stolen' }, headers)).status).toBe(
            401,
          )
    for (const other of others) expect(topic(other.id)).toBe('Quarterly review')
    for (const service of [one, two]) {
      expect((await remove(service, mine.ticket, mine.key)).status).toBe(401)
      expect((await ask(service, 'DELETE', paths.me, mine.ticket)).status).toBe(401)
    }
    expect(topic(mine.id)).toBe('Mine')
  })

  test('a ticket that is replaced between its check and its use does not reach its holder’s other meeting', async () => {
    const key = newKey()
    const alans = await scheduled(await world.token(alan), {}, key)
    const own = await scheduled(bearer, {}, key)
    expect(own.id).not.toBe(alans.id)
    const { body } = await put(one, bearer, key, {}, forAlan)
    expect(body.id).toBe(alans.id)

    // The person's first request keeps their turn in its process, so the ticket is checked and waits.
    world.faults.add({ vendor: 'zoom', match: 'GET /v2/meetings/', hold: true })
    const first = put(one, bearer, key)
    await untilHeld(world.faults)
    const replace = () => put(two, bearer, key, {}, forAlan)
    const use = () => put(one, String(body.ticket), key, { subject: 'Late' })
    const inOrder = two === one ? [replace, use] : [use, replace]
    const answers: Promise<Answer>[] = []
    for (const begin of inOrder) {
      answers.push(begin())
      await seen(one)
    }
    if (two !== one) await answers[1]
    await world.faults.release()
    expect((await first).status).toBe(200)
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses).toEqual(inOrder.map((begin) => (begin === use ? 401 : 200)))
    expect([topic(alans.id), topic(own.id)]).toEqual(['Quarterly review', 'Quarterly review'])
  })

  /** Waits until this process has read what was sent to it before. */
  const seen = async (service: Service) => {
    for (let time = 0; time < 5; time++) await ask(service, 'GET', paths.me, bearer)
  }

  test.each([
    ['a token', 'changes a meeting', 'GET /v2/meetings/'],
    ['a ticket', 'changes a meeting', 'GET /v2/meetings/'],
    ['a token', 'makes one', 'POST /v2/users'],
  ])(
    'a disconnect while %s %s refuses it in every process, and loses no meeting',
    async (proof, _, match) => {
      const token = await world.token(barbara)
      const { key: known, ticket } = await scheduled(token)
      const held = proof === 'a ticket' ? ticket : token
      const key = match.startsWith('POST') ? newKey() : known
      world.faults.add({ vendor: 'zoom', match, hold: true })
      const begun = put(one, held, key)
      await untilHeld(world.faults)
      expect((await ask(two, 'DELETE', paths.me, token)).status).toBe(204)
      await world.faults.release()
      expect((await begun).status).toBe(401)
      for (const service of [one, two])
        for (const late of [token, ticket]) expect((await put(service, late, known)).status).toBe(401)

      await nextSecond()
      const before = world.zoom.meetings().length
      expect((await put(two, await world.token(barbara), key)).status).toBe(200)
      expect(world.zoom.meetings().length).toBe(before)
    },
  )

  test('a secret of one kind is none of another kind, whoever guesses', async () => {
    const { key, ticket } = await scheduled()
    const guess = randomBytes(32).toString('base64url')
    const secret = ticket.slice('ticket_'.length)
    for (const proof of [
      `session_${secret}`,
      secret,
      `ticket_${guess}`,
      `session_${guess}`,
      `ticket_ ${secret}`,
      `TICKET_${secret}`,
      `ticket_${secret}.`,
      `ticket_${secret.slice(1)}`,
    ])
      for (const service of [one, two]) expect((await put(service, proof, key)).status, proof).toBe(401)
    expect((await put(two, ticket, key)).status).toBe(200)
  })
})

/** Sends these bytes, and reads until the service closes the connection. */
function raw({ origin }: Service, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(bytes))
    let answer = ''
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text
    })
    socket.on('error', () => {}).on('close', () => resolve(answer))
  })
}
