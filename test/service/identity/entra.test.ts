import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../../src/contract/paths.ts'
import { createEntra } from '../../../src/service/identity/entra.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { ada, clientId, openWorld, type World } from '../kit.ts'
import { asker } from './kit.ts'

const silent = { info() {}, error() {} }

/** Another organization's directory and person, and the directory of everyone's personal account. */
const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const grace = '9ace0000-0000-4000-8000-000000000002'

let world: World
let ask: ReturnType<typeof asker>
beforeAll(async () => {
  world = await openWorld('embedded')
  ask = asker((await world.startService()).origin)
})
afterAll(() => world.close())

type Claims = Record<string, unknown>
const now = () => Math.floor(Date.now() / 1000)
const honest = async () => (await world.entra.claims(ada)) as unknown as Claims
const sign = (claims: object, header?: object, key?: 'stranger' | 'consumers') =>
  world.entra.sign(claims as never, { ...(header && { header: header as Claims }), ...(key && { key }) })
/** The last letter of 256 bytes carries two bits; the four others are spare. */
const otherSpelling: Record<string, string> = { A: 'B', Q: 'R', g: 'h', w: 'x' }
const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url')

/** The honest token with other claims; an undefined one is left out. */
const claiming = (changes: Claims) => changed(() => changes)
const changed = (change: (honest: Claims) => Claims) => async () => {
  const claims = await honest()
  return sign({ ...claims, ...change(claims) })
}
const headed = (changes: Claims) => async () => sign(await honest(), changes)
/** The honest token as three parts, put together in another way. */
const rebuilt = (change: (parts: [string, string, string]) => string) => async () =>
  change((await world.token()).split('.') as [string, string, string])
/** Signed over any text as payload. */
const saying = (change: (json: string) => string) => async () =>
  sign(change(JSON.stringify(await honest())) as never)

async function answerTo(token: string) {
  const { status, body } = await ask('GET', paths.me, { bearer: token })
  const line = world.logged
    .map((text) => JSON.parse(text))
    .find(({ requestId, act }) => act && requestId === body.requestId)
  return { status, body, reason: line?.reason as string | undefined }
}

describe('an Entra access token', () => {
  test.each<[string, () => Promise<string>]>([
    ['as Entra gives it', () => world.token()],
    ['that has just expired, as clocks differ', changed(() => ({ exp: now() - 30 }))],
    ['that counts in half a minute, as clocks differ', changed(() => ({ nbf: now() + 30 }))],
    ['with more permissions than ours', claiming({ scp: 'openid access_as_user profile' })],
    [
      'with ids in capital letters',
      claiming({ oid: ada.objectId.toUpperCase(), azp: clientId.toUpperCase() }),
    ],
    ['with claims that nobody here knows', claiming({ xms_new: { nested: ['value'] } })],
    ['without the person’s name', claiming({ name: undefined })],
  ])('%s is accepted', async (_, make) => {
    expect(await answerTo(await make())).toMatchObject({
      status: 200,
      body: { proof: 'entra', zoomLinked: false },
    })
  })

  test('says the name that is in it, and nothing else', async () => {
    expect((await answerTo(await world.token())).body).toEqual({
      name: ada.displayName,
      proof: 'entra',
      zoomLinked: false,
      tidy: 'choice',
      everyMeeting: false,
    })
  })

  test('says which person of which directory it is, in small letters', async () => {
    const { ENTRA_AUTHORITY: authority, ENTRA_TENANTS: tenants } = world.settings
    const { check } = createEntra({ authority, clientId, tenants, context: 'c1' }, silent)
    const { subject } = await check(await claiming({ oid: ada.objectId.toUpperCase() })())
    expect(subject).toBe(`entra:${ada.tenantId}:${ada.objectId}`)
  })

  const seconds = { iat: 'later', nbf: 'later', exp: 'later' }
  const required = [
    'ver',
    'aud',
    'iss',
    'iat',
    'nbf',
    'exp',
    'tid',
    'oid',
    'azp',
    'scp',
    'preferred_username',
  ]
  const forgeries: [string, () => Promise<string>, string][] = [
    // How it is signed
    ['that nobody signed', headed({ alg: 'none' }), 'form'],
    [
      'that says alg none over a genuine signature',
      rebuilt(([, p, s]) => `${base64url('{"typ":"JWT","alg":"none"}')}.${p}.${s}`),
      'alg',
    ],
    ['signed with the public key as a shared secret', headed({ alg: 'HS256' }), 'alg'],
    ['signed with RS384', headed({ alg: 'RS384' }), 'alg'],
    ['signed with PS256', headed({ alg: 'PS256' }), 'alg'],
    ['whose alg is spelled in small letters', headed({ alg: 'rs256' }), 'alg'],
    ['whose alg is a list', headed({ alg: ['RS256'] }), 'alg'],
    ['of another type', headed({ typ: 'at+jwt' }), 'typ'],
    ['of no type', headed({ typ: undefined }), 'typ'],
    ['that names an extension', headed({ crit: ['exp'] }), 'header_extra'],
    ['that says where its keys are', headed({ jku: 'https://evil.example/keys' }), 'header_extra'],
    ['that says where its certificate is', headed({ x5u: 'https://evil.example/cert' }), 'header_extra'],
    ['that brings its own key', headed({ jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }), 'header_extra'],
    ['that brings its own certificate', headed({ x5c: ['MIIB'] }), 'header_extra'],
    ['that is compressed', headed({ zip: 'DEF' }), 'header_extra'],
    ['without the name of a key', headed({ kid: undefined }), 'key_name'],
    ['whose key is a number', headed({ kid: 1 }), 'key_name'],
    ['whose key nobody knows', headed({ kid: 'unknown' }), 'key'],
    ['whose key is called like a member of every object', headed({ kid: '__proto__' }), 'key'],
    [
      'signed by a stranger who shows their own key',
      async () => sign(await honest(), undefined, 'stranger'),
      'key',
    ],
    [
      'signed by a stranger in Entra’s name',
      async () => sign(await honest(), { kid: kidOf(await world.token()) }, 'stranger'),
      'signature',
    ],
    [
      'signed with the key for personal accounts',
      async () => sign(await honest(), undefined, 'consumers'),
      'key_issuer',
    ],
    ['whose signature was cut', rebuilt(([h, p, s]) => `${h}.${p}.${s.slice(0, -2)}`), 'signature'],
    [
      'whose signature has other bits',
      rebuilt(([h, p, s]) => `${h}.${p}.${s.startsWith('A') ? 'B' : 'A'}${s.slice(1)}`),
      'signature',
    ],
    ['with one person’s signature under another’s claims', async () => spliced(await honest()), 'signature'],
    // How it is written
    ['in four parts', rebuilt(([h, p, s]) => `${h}.${p}.${s}.${s}`), 'form'],
    ['in two parts', rebuilt(([h, p]) => `${h}.${p}`), 'form'],
    [
      'whose last letter says the same in another way',
      rebuilt(([h, p, s]) => `${h}.${p}.${s.slice(0, -1)}${otherSpelling[s.slice(-1)]}`),
      'form',
    ],
    ['with padding', rebuilt(([h, p, s]) => `${h}.${p}.${s}==`), 'form'],
    ['whose header has padding', rebuilt(([h, p, s]) => `${h}==.${p}.${s}`), 'form'],
    ['whose claims have padding', rebuilt(([h, p, s]) => `${h}.${p}==.${s}`), 'form'],
    ['in the other alphabet', rebuilt(([h, p, s]) => `${h}.${p}.${s.slice(2)}+/`), 'form'],
    ['that is too long', claiming({ padding: 'x'.repeat(9900) }), 'too_long'],
    [
      'whose header is no JSON',
      rebuilt(([, p, s]) => `${base64url('{"typ":"JWT"')}.${p}.${s}`),
      'header_json',
    ],
    ['whose header is null', rebuilt(([, p, s]) => `${base64url('null')}.${p}.${s}`), 'header_json'],
    ['whose header is a list', rebuilt(([, p, s]) => `${base64url('[]')}.${p}.${s}`), 'header_json'],
    [
      'whose header says alg twice',
      rebuilt(([, p, s]) => `${base64url('{"alg":"none","typ":"JWT","alg":"RS256"}')}.${p}.${s}`),
      'header_json',
    ],
    [
      'whose header is not UTF-8',
      rebuilt(([, p, s]) => `${base64url(Buffer.from([0x7b, 0xff, 0x7d]))}.${p}.${s}`),
      'form',
    ],
    ['whose claims are a list', saying((json) => `[${json}]`), 'payload_json'],
    ['whose claims are a text', saying(() => '"claims"'), 'payload_json'],
    ['that says its audience twice', saying((json) => `{"aud":"other",${json.slice(1)}`), 'payload_json'],
    [
      'that says its audience twice, once before a blank',
      saying((json) => `{"aud" :"other",${json.slice(1)}`),
      'payload_json',
    ],
    [
      'that says its audience twice, and quotation marks between',
      saying((json) => `{"aud":"other","\\"":"\\"",${json.slice(1)}`),
      'payload_json',
    ],
    [
      'that says its audience twice, once in another spelling',
      saying((json) => `{"\\u0061ud":"other",${json.slice(1)}`),
      'payload_json',
    ],
    [
      'that says something twice within',
      saying((json) => `{"inner":{"a":1,"a":2},${json.slice(1)}`),
      'payload_json',
    ],
    ['that begins with a byte order mark', saying((json) => `\uFEFF${json}`), 'payload_json'],
    // What it says
    ...required.map((claim): (typeof forgeries)[number] => [
      `without ${claim}`,
      claiming({ [claim]: undefined }),
      `claim_${claim}`,
    ]),
    ...required.map((claim): (typeof forgeries)[number] => [
      `whose ${claim} is a list`,
      async () => sign({ ...(await honest()), [claim]: [(await honest())[claim]] }),
      `claim_${claim}`,
    ]),
    ...Object.keys(seconds).map((claim): (typeof forgeries)[number] => [
      `whose ${claim} is a text`,
      async () => sign({ ...(await honest()), [claim]: String(now()) }),
      `claim_${claim}`,
    ]),
    ['that was issued at a fraction of a second', claiming({ iat: 1.5 }), 'claim_iat'],
    ['whose person is no GUID', claiming({ oid: '../admin' }), 'claim_oid'],
    ['whose sign-in name is empty', claiming({ preferred_username: '' }), 'claim_preferred_username'],
    [
      'whose sign-in name is endless',
      claiming({ preferred_username: 'a'.repeat(321) }),
      'claim_preferred_username',
    ],
    ['whose name is endless', claiming({ name: 'a'.repeat(257) }), 'claim_name'],
    [
      'of version 1',
      changed(() => ({
        ver: '1.0',
        iss: `https://sts.windows.net/${ada.tenantId}/`,
        aud: `api://${clientId}`,
      })),
      'claim_ver',
    ],
    [
      'that is an ID token',
      changed(() => ({ azp: undefined, azpacr: undefined, scp: undefined, nonce: 'n' })),
      'claim_azp',
    ],
    [
      'that a program got for itself',
      changed(() => ({ idtyp: 'app', roles: ['access_as_user'], scp: undefined })),
      'claim_scp',
    ],
    [
      'that a program got for itself, and that says it is delegated',
      claiming({ idtyp: 'app' }),
      'claim_idtyp',
    ],
    ['for another service', claiming({ aud: 'c11e27d0-0000-4000-8000-00000000dead' }), 'audience'],
    ['for us by our other name', claiming({ aud: `api://${clientId}` }), 'audience'],
    [
      'of another organization',
      changed(() => ({ tid: fabrikam, iss: `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0` })),
      'tenant',
    ],
    [
      'of another organization, in the name of ours',
      changed(() => ({ iss: `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0` })),
      'issuer',
    ],
    [
      'from another authority',
      changed(() => ({ iss: `https://login.evil.example/${ada.tenantId}/v2.0` })),
      'issuer',
    ],
    ['whose issuer ends otherwise', changed((claims) => ({ iss: `${claims.iss}/` })), 'issuer'],
    ['that another program got', claiming({ azp: 'c11e27d0-0000-4000-8000-00000000dead' }), 'program'],
    ['without our permission', claiming({ scp: 'openid profile' }), 'scope'],
    ['with a permission that begins like ours', claiming({ scp: 'access_as_user_all' }), 'scope'],
    ['that has expired', changed(() => ({ exp: now() - 62 })), 'expired'],
    ['that does not count yet', changed(() => ({ nbf: now() + 90 })), 'not_yet'],
  ]

  test.each(forgeries)('%s is refused, and only the audit says why', async (_, forge, reason) => {
    const answer = await answerTo(await forge())
    expect(answer.reason).toBe(reason)
    const { requestId, ...said } = answer.body
    expect(answer.status).toBe(401)
    expect(said).toEqual({
      type: 'about:blank',
      status: 401,
      title: 'Sign in to continue.',
      code: 'sign_in_required',
    })
  })

  test('of somebody in a personal account is refused, though Entra signed it rightly', async () => {
    const wanda = mailboxes['outlook-com']
    const token = await world.entra.sign((await world.entra.claims(wanda)) as never, { key: 'consumers' })
    expect((await answerTo(token)).reason).toBe('tenant')
  })

  test('signed by the key before the last is accepted during the change, and by one before that no more', async () => {
    const before = await world.token()
    world.entra.rotate()
    const after = await world.token()
    expect(kidOf(after)).not.toBe(kidOf(before))
    expect((await answerTo(before)).status).toBe(200)
  })
})

/** The claims of somebody else under the signature of an honest token. */
async function spliced(claims: Claims): Promise<string> {
  const [header, , signature] = (await world.token()).split('.')
  return `${header}.${base64url(JSON.stringify({ ...claims, oid: grace }))}.${signature}`
}

function kidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
}
