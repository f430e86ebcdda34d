import { execFile, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign as signWith, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { paths } from '../../../src/contract/paths.ts'
import type { Problem } from '../../../src/contract/problems.ts'
import { createExchange } from '../../../src/service/identity/exchange/identity-token.ts'
import { signedBy } from '../../../src/service/identity/jws.ts'
import { createLog } from '../../../src/service/log.ts'
import type { ProofRefused } from '../../../src/service/refused.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { commandsIn } from '../../guide.ts'
import { newKey } from '../../kit.ts'
import { type Answer, audience, type Identity, openIdentity, tim, vint } from './kit.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0
let identity: Identity
beforeAll(async () => {
  identity = await openIdentity()
})
afterAll(() => identity.close())

type Claims = Record<string, unknown>
type Sign = Parameters<Identity['exchange']['made']['sign']>[1]
type Forgery = [string, () => Promise<string>, string]

const hour = 3600
const silent = createLog({ write() {} })
const now = () => Math.floor(Date.now() / 1000)
const honest = () => identity.exchange.made.identityClaims(tim) as Claims
const sign = (claims: object | string, how?: Sign) => identity.exchange.made.sign(claims, how)
const base64url = (text: string) => Buffer.from(text).toString('base64url')

/** The honest token with other claims; an undefined one is left out. */
const claiming = (changes: Claims) => changed(() => changes)
const changed = (change: (honest: Claims) => Claims) => async () => sign({ ...honest(), ...change(honest()) })
const headed = (header: Claims) => async () => sign(honest(), { header })
/** With another context; an undefined member is left out. */
const within = (changes: Claims) =>
  changed(({ appctx }) => ({ appctx: JSON.stringify({ ...JSON.parse(String(appctx)), ...changes }) }))
/** From another server: `change` makes its address of the configured one. */
const from = (change: (url: URL) => string) => async () =>
  within({ amurl: change(new URL(identity.exchange.row.metadataUrl)) })()
const rebuilt = (change: (parts: [string, string, string]) => string) => async () =>
  change((await sign(honest())).split('.') as [string, string, string])

/** What a token leads to: the mailbox counts as checked once it is asked for its Zoom account. */
const verdict = (answer: Answer) => ({
  status: answer.status,
  code: answer.body.code,
  reason: identity.reasonOf(answer.body.requestId),
})
const accepted = { status: 409, code: 'link_required', reason: undefined }

const wrongServers: Forgery[] = [
  [
    'of a server that nobody configured',
    from(() => 'https://mail.evil.example/autodiscover/metadata/json/1'),
    'server',
  ],
  [
    'of a server whose name begins like ours',
    from((ours) => `https://${ours.hostname}.evil.example/autodiscover/metadata/json/1`),
    'server',
  ],
  [
    'of a server whose name ends like ours',
    from((ours) => `https://evil${ours.host}${ours.pathname}`),
    'server',
  ],
  [
    'of our server with a dot at its end',
    from((ours) => `https://${ours.hostname}.:${ours.port}${ours.pathname}`),
    'server',
  ],
  ['of our server at another port', from((ours) => `https://${ours.hostname}:1${ours.pathname}`), 'server'],
  ['of our server at another path', from((ours) => `${ours.origin}/autodiscover/metadata/json/2`), 'server'],
  ['of our server at a path within', from((ours) => `${ours.href}/more`), 'server'],
  ['of our server without TLS', from((ours) => ours.href.replace('https', 'http')), 'amurl'],
  [
    'of our server with a user in front',
    from((ours) => ours.href.replace('https://', 'https://user@')),
    'amurl',
  ],
  [
    'of our server as a user of another',
    from((ours) => `https://${ours.host}@evil.example${ours.pathname}`),
    'amurl',
  ],
  [
    'of our server after a backslash',
    from((ours) => `https://evil.example\\@${ours.host}${ours.pathname}`),
    'amurl',
  ],
  ['of our server with a query', from((ours) => `${ours.href}?x=1`), 'amurl'],
  ['of our server with an empty query', from((ours) => `${ours.href}?`), 'amurl'],
  ['of our server with a fragment', from((ours) => `${ours.href}#x`), 'amurl'],
  ['of our server with an escape', from((ours) => ours.href.replace('/json', '/%6ason')), 'amurl'],
  ['of our server with a tab inside', from((ours) => ours.href.replace('/json', '/js\ton')), 'amurl'],
  ['of our server after a space', from((ours) => ` ${ours.href}`), 'amurl'],
  [
    'of our server in letters that look alike',
    from((ours) => ours.href.replace('autodiscover', 'аutodiscover')),
    'amurl',
  ],
  [
    'of our server at a port that is none',
    from((ours) => `https://${ours.hostname}:99999${ours.pathname}`),
    'amurl',
  ],
  ['of the cloud’s metadata', from(() => 'http://169.254.169.254/latest/meta-data'), 'amurl'],
  [
    'of the cloud’s metadata with TLS',
    from(() => 'https://169.254.169.254/autodiscover/metadata/json/1'),
    'server',
  ],
  ['of the service itself', from(() => 'https://localhost:3001/autodiscover/metadata/json/1'), 'server'],
  ['of a file', from(() => 'file:///etc/passwd'), 'amurl'],
  ['of an address in IPv6', from(() => 'https://[::1]/autodiscover/metadata/json/1'), 'amurl'],
  ['of no server', within({ amurl: '' }), 'amurl'],
]

const forgeries: Forgery[] = [
  // How it is signed
  ['that nobody signed', headed({ alg: 'none' }), 'form'],
  ['signed with the public key as a shared secret', headed({ alg: 'HS256' }), 'alg'],
  ['signed with RS512', headed({ alg: 'RS512' }), 'alg'],
  ['signed with PS256', headed({ alg: 'PS256' }), 'alg'],
  ['of another type', headed({ typ: 'at+jwt' }), 'typ'],
  ...['jku', 'x5u', 'jwk', 'x5c', 'crit'].map(
    (name): Forgery => [`with ${name} in its header`, headed({ [name]: [] }), 'header_extra'],
  ),
  ['without the name of a certificate', headed({ x5t: undefined }), 'key_name'],
  ['that names a key as Entra does', headed({ x5t: undefined, kid: 'key' }), 'key_name'],
  ['whose certificate nobody knows', headed({ x5t: 'unknown' }), 'key'],
  [
    'signed by a stranger who shows their own certificate',
    async () => sign(honest(), { key: 'stranger' }),
    'key',
  ],
  [
    'signed by a stranger in the server’s name',
    async () => sign(honest(), { key: 'stranger', header: { x5t: x5tOf(await sign(honest())) } }),
    'signature',
  ],
  ['with one person’s signature under another’s claims', async () => spliced(), 'signature'],
  ['whose signature was cut', rebuilt(([h, p, s]) => `${h}.${p}.${s.slice(0, -2)}`), 'signature'],
  // How it is written
  ['in four parts', rebuilt(([h, p, s]) => `${h}.${p}.${s}.${s}`), 'form'],
  ['with a line’s end', async () => `${await sign(honest())}\n`, 'form'],
  ['that is too long', claiming({ padding: 'x'.repeat(4000) }), 'too_long'],
  [
    'whose header says alg twice',
    rebuilt(([, p, s]) => `${base64url('{"alg":"none","typ":"JWT","alg":"RS256","x5t":"x"}')}.${p}.${s}`),
    'header_json',
  ],
  [
    'that says its audience twice',
    async () => sign(`{"aud":"other",${JSON.stringify(honest()).slice(1)}`),
    'payload_json',
  ],
  [
    'whose context says its server twice',
    changed(({ appctx }) => ({ appctx: `{"amurl":"https://evil.example/",${String(appctx).slice(1)}` })),
    'claim_appctx',
  ],
  ['whose context is no JSON', claiming({ appctx: '{' }), 'claim_appctx'],
  ['whose context is a list', claiming({ appctx: [] }), 'claim_appctx'],
  ['whose context is a number', claiming({ appctx: 1 }), 'claim_appctx'],
  // What it says
  ...['aud', 'iss', 'nbf', 'exp', 'appctxsender', 'appctx'].map(
    (name): Forgery => [`without ${name}`, claiming({ [name]: undefined }), `claim_${name}`],
  ),
  ...['aud', 'iss', 'nbf', 'exp', 'appctxsender'].map(
    (name): Forgery => [
      `whose ${name} is a list`,
      changed((claims) => ({ [name]: [claims[name]] })),
      `claim_${name}`,
    ],
  ),
  ['whose end is an endless number', claiming({ exp: '9'.repeat(20) }), 'claim_exp'],
  ['whose end is a number and more', claiming({ exp: '9999999999 ' }), 'claim_exp'],
  ['whose beginning is a fraction', claiming({ nbf: 1.5 }), 'claim_nbf'],
  ['of another version', within({ version: 'ExIdTok.V2' }), 'claim_version'],
  ['of no version', within({ version: undefined }), 'claim_version'],
  ['that names no mailbox', within({ msexchuid: '' }), 'claim_msexchuid'],
  ['whose mailbox is a list', within({ msexchuid: ['uid'] }), 'claim_msexchuid'],
  ['whose mailbox is endless', within({ msexchuid: 'u'.repeat(257) }), 'claim_msexchuid'],
  ['whose server is a list', within({ amurl: ['https://a.example/'] }), 'claim_amurl'],
  ['for another add-in', claiming({ aud: 'https://evil.example/addin/taskpane/index.html' }), 'audience'],
  [
    'for another page of ours',
    changed(({ aud }) => ({ aud: String(aud).replace('taskpane', 'commands') })),
    'audience',
  ],
  ['for our page in capital letters', changed(({ aud }) => ({ aud: String(aud).toUpperCase() })), 'audience'],
  ['that is a callback token', async () => identity.exchange.made.callbackToken(tim), 'claim_version'],
  [
    'issued by something that is not Exchange',
    issuer('00000003-0000-0ff1-ce00-000000000000@contoso.example'),
    'issuer',
  ],
  ['issued in no organization', issuer('00000002-0000-0ff1-ce00-000000000000'), 'issuer'],
  ['issued in an organization without a name', issuer('00000002-0000-0ff1-ce00-000000000000@'), 'issuer'],
  [
    'issued in two organizations',
    issuer('00000002-0000-0ff1-ce00-000000000000@contoso.example@evil.example'),
    'issuer',
  ],
  [
    'sent by another than its issuer',
    claiming({ appctxsender: '00000002-0000-0ff1-ce00-000000000000@evil.example' }),
    'sender',
  ],
  ['that does not count yet', during(() => [now() + 330, now() + hour]), 'not_yet'],
  ['that has expired', during(() => [now() - hour, now() - 310]), 'expired'],
  ['that counts for longer than Exchange makes them', during(() => [now(), now() + 9 * hour]), 'too_lasting'],
  ['that somebody kept since this morning', during(() => [now() - 4 * hour, now() + 4 * hour]), 'old'],
]

function issuer(name: string) {
  return claiming({ iss: name, appctxsender: name })
}
function during(times: () => [number, number]) {
  return changed(() => {
    const [nbf, exp] = times().map(String)
    return { nbf, exp }
  })
}

describe('an Exchange identity token', () => {
  test.each(wrongServers)('%s is refused, and nothing is fetched', async (_, forge, reason) => {
    const answer = await identity.exchangeToken(await forge())
    expect(verdict(answer)).toEqual({ status: 401, code: 'sign_in_required', reason })
    expect(identity.exchange.asked()).toBe(0)
  })

  test.each<[string, () => Promise<string>]>([
    ['as Exchange gives it', () => identity.exchange.made.identityToken(tim)],
    ['whose context is an object', changed(({ appctx }) => ({ appctx: JSON.parse(String(appctx)) }))],
    ['whose times are numbers', changed(({ nbf, exp }) => ({ nbf: Number(nbf), exp: Number(exp) }))],
    ['of a server whose clock is ahead', during(() => [now() + 290, now() + 8 * hour])],
    ['of a server whose clock is behind', during(() => [now() - hour, now() - 290])],
    ['that Outlook has kept for half an hour', during(() => [now() - hour / 2, now() + 7 * hour])],
    ['with claims that nobody here knows', claiming({ isbrowserhostedapp: 'false', other: [1] })],
    ['that names its server in capital letters', from((ours) => ours.href.replace('https', 'HTTPS'))],
  ])('%s is accepted', async (_, make) => {
    expect(verdict(await identity.exchangeToken(await make()))).toEqual(accepted)
  })

  test('says which mailbox on which server it is, and no more', async () => {
    const one = createExchange({ endpoints: identity.exchange.settings().EXCHANGE, audience, log: silent })
    const claims = honest()
    const { msexchuid, amurl } = JSON.parse(String(claims.appctx)) as Record<string, string>
    const hash = createHash('sha256')
      .update(JSON.stringify([amurl, msexchuid]))
      .digest('base64url')
    const caller = await one.check(await sign(claims))
    expect(caller).toEqual({
      subject: `exch:${hash}`,
      proof: 'exchange',
      provedAt: Number(claims.nbf) * 1000,
      server: amurl,
    })
    const other = await one.check(await identity.exchange.made.identityToken(vint))
    expect(other.subject).not.toBe(caller.subject)
  })

  test.each(forgeries)('%s is refused, and only the audit says why', async (_, forge, reason) => {
    const answer = await identity.exchangeToken(await forge())
    expect(verdict(answer)).toEqual({ status: 401, code: 'sign_in_required', reason })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('is a bearer nowhere, however genuine', async () => {
    const bearer = await identity.exchange.made.identityToken(tim)
    for (const [method, path] of [
      ['GET', paths.me],
      ['DELETE', paths.me],
      ['PUT', paths.zoomAccount],
      ['PUT', `/meetings/${newKey()}`],
    ] as const) {
      const answer = await identity.ask(method, path, { bearer, ...(method === 'PUT' && { body: {} }) })
      expect(verdict(answer)).toEqual({ status: 401, code: 'sign_in_required', reason: 'key_name' })
    }
  })

  test('is asked of the server once for many', async () => {
    const before = identity.exchange.asked()
    const token = await identity.exchange.made.identityToken(vint)
    await Promise.all(Array.from({ length: 20 }, () => identity.exchangeToken(token)))
    expect(identity.exchange.asked() - before).toBe(0)
  })
})

describe('an organization', () => {
  /** What comes of a token with this row in the setting, and what the log says. */
  async function settled(changes: object, token: Promise<string>, now = Date.now) {
    const lines: string[] = []
    const log = createLog({ write: (line) => lines.push(line) })
    const endpoints = identity.exchange.settings(changes).EXCHANGE
    const outcome = await createExchange({ endpoints, audience, log, now })
      .check(await token)
      .then(
        () => 'accepted',
        (problem: Problem) => (problem.cause as ProofRefused | undefined)?.reason ?? problem.code,
      )
    return { outcome, log: lines.join('') }
  }
  const token = () => identity.exchange.made.identityToken(tim)

  test('that pins its certificate accepts no other', async () => {
    const { keys } = await identity.exchange.made.metadata()
    const der = Buffer.from(keys[0]?.keyvalue.value ?? '', 'base64')
    const pin = createHash('sha256').update(der).digest('hex')
    const withColons = pin.toUpperCase().replace(/..(?=.)/g, '$&:')
    expect(await settled({ pins: [withColons] }, token())).toMatchObject({ outcome: 'accepted' })
    const other = await settled({ pins: ['0'.repeat(64)] }, token())
    expect(other.outcome).toBe('sign_in_unavailable')
    expect(other.log).toContain('"reason":"no_key"')
  })

  test('that shows another certificate than the pinned one is not asked', async () => {
    const { outcome, log } = await settled({ tlsPins: ['0'.repeat(64)] }, token())
    expect(outcome).toBe('sign_in_unavailable')
    expect(log).toContain('"reason":"certificate"')
  })

  test('finds the pins of its server by the commands of the guide', async () => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    const [ask = '', command = ''] = commandsIn(
      'docs/exchange-server.md',
      '1. The certificate that signs tokens',
    ).flat()
    const { ca, metadataUrl } = identity.exchange.row
    const env = {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      CURL_CA_BUNDLE: ca,
      NO_PROXY: '*',
    }
    const run = async (line: string) =>
      (await promisify(execFile)('sh', ['-c', line], { cwd: folder.path, env })).stdout
    if (hasCurl) await run(ask.replace(/https:\S+/, metadataUrl))
    else
      writeFileSync(
        join(folder.path, 'metadata.json'),
        JSON.stringify(await identity.exchange.made.metadata()),
      )
    const said = await run(command)
    expect(await settled({ pins: said.trim().split('\n') }, token())).toMatchObject({ outcome: 'accepted' })
  })

  test('that names its realm accepts no other', async () => {
    expect(await settled({ realm: 'contoso.example' }, token())).toMatchObject({ outcome: 'accepted' })
    expect(await settled({ realm: 'fabrikam.example' }, token())).toMatchObject({ outcome: 'realm' })
  })

  test('may let another sender pass, and tokens last as long as Exchange makes them', async () => {
    const sender = claiming({ appctxsender: '00000002-0000-0ff1-ce00-000000000000@mail.contoso.example' })
    expect(await settled({ anySender: true }, sender())).toMatchObject({ outcome: 'accepted' })
    const kept = during(() => [now() - 4 * hour, now() + 4 * hour])
    expect(await settled({ tokenMinutes: 480 }, kept())).toMatchObject({ outcome: 'accepted' })
  })

  test('may give its certificates as a file, and nothing is fetched', async () => {
    const file = identity.exchange.row.ca.replace('ca.pem', 'metadata.json')
    writeFileSync(file, JSON.stringify(await identity.exchange.made.metadata()))
    const before = identity.exchange.asked()
    expect(await settled({ metadataFile: file }, token())).toMatchObject({ outcome: 'accepted' })
    writeFileSync(file, '{')
    const broken = await settled({ metadataFile: file }, token())
    expect(broken.outcome).toBe('sign_in_unavailable')
    expect(broken.log).toContain('"reason":"form"')
    expect(identity.exchange.asked()).toBe(before)
  })

  test('whose server is not said to be internal is not reached at a private address', async () => {
    const answer = await settled({ internal: false }, token())
    expect(answer.outcome).toBe('sign_in_unavailable')
    expect(answer.log).toContain('"reason":"address"')
  })

  test('whose server no public authority vouches for is not believed', async () => {
    const answer = await settled({ ca: undefined }, token())
    expect(answer.outcome).toBe('sign_in_unavailable')
    expect(answer.log).toContain('"reason":"certificate"')
  })

  test('whose certificate has expired is told so, once the token is known to be genuine', async () => {
    const expired = await settled({}, sign(honest(), { key: 'expired' }))
    expect(expired.outcome).toBe('sign_in_misconfigured')
    expect(expired.log).toContain('exchange certificate ends')
    const x5t = x5tOf(await sign(honest(), { key: 'expired' }))
    const forged = await settled({}, sign(honest(), { key: 'stranger', header: { x5t } }))
    expect(forged.outcome).toBe('signature')
    identity.exchange.made.reset()
  })

  /** What comes of a token at another time, in milliseconds. */
  const settledAt = (time: number) =>
    settled({}, sign({ ...honest(), nbf: time / 1000, exp: time / 1000 + hour }), () => time)

  test('whose certificate ends within a month is told so, and believed', async () => {
    const { keys } = await identity.exchange.made.metadata()
    const { validTo } = new X509Certificate(Buffer.from(keys[0]?.keyvalue.value ?? '', 'base64'))
    const before = (days: number) => settledAt(Date.parse(validTo) - days * 24 * hour * 1000)
    expect(await before(30)).toEqual({ outcome: 'accepted', log: '' })
    expect(await before(29)).toMatchObject({ outcome: 'accepted', log: expect.stringContaining('"days":29') })
  })

  test('whose certificate does not count yet is not believed', async () => {
    expect(await settledAt(Date.parse('1999-01-01'))).toMatchObject({ outcome: 'key_not_yet' })
  })

  test('whose certificate is too weak is not believed', async () => {
    expect(await settled({}, sign(honest(), { key: 'weak' }))).toMatchObject({ outcome: 'signature' })
    identity.exchange.made.reset()
  })

  test('whose key is of another kind is not believed, though it signed', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
    const signature = signWith('sha256', Buffer.from('header.claims'), privateKey).toString('base64url')
    const token = { text: `header.claims.${signature}`, header: {}, payload: {} }
    expect(() => signedBy(token, publicKey)).toThrow(expect.objectContaining({ code: 'sign_in_required' }))
  })

  test('whose metadata shows no certificate, an unnamed or a misnamed one, gives none', async () => {
    const { keys, ...rest } = await identity.exchange.made.metadata()
    const file = identity.exchange.row.ca.replace('ca.pem', 'metadata.json')
    const [key] = keys
    const wrong = [
      [],
      [{ ...key, usage: 'encryption' }],
      [{ ...key, keyinfo: { x5t: 'misnamed' } }],
      [{ ...key, keyvalue: { ...key?.keyvalue, type: 'rsa' } }],
    ]
    for (const shown of wrong) {
      writeFileSync(file, JSON.stringify({ ...rest, keys: shown }))
      const answer = await settled({ metadataFile: file }, token())
      expect(answer.outcome).toBe('sign_in_unavailable')
      expect(answer.log).toContain('"reason":"no_key"')
    }
  })
})

/** The claims of somebody else under the signature of an honest token. */
async function spliced(): Promise<string> {
  const [header, , signature] = (await sign(honest())).split('.')
  const claims = identity.exchange.made.identityClaims(vint)
  return `${header}.${base64url(JSON.stringify(claims))}.${signature}`
}

function x5tOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).x5t
}
