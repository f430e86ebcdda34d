import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import type { Administrator, Caller } from '../caller.ts'
import { lastUsed } from '../last-used.ts'
import type { Log } from '../log.ts'
import { lastGood } from '../outbound/last-good.ts'
import { onceMore } from '../outbound/once-more.ts'
import { ProofRefused, refused } from '../refused.ts'
import { readJws, signedBy } from './jws.ts'

export interface EntraSettings {
  /** `https://login.microsoftonline.com` */
  authority: string
  /** The app registration: the API that tokens are issued for, and the only program that may request them. */
  clientId: string
  /** The directories (tenants) whose people may use the service. */
  tenants: readonly string[]
  /** The authentication context that an administrator's token must have, if it does not name a second factor: `c1`. */
  context: string
}

/** The delegated permission that the add-in asks for. */
const permission = 'access_as_user'
/** The delegated permission that the console asks for. */
const administration = 'admin'
/** Allowed clock difference, in seconds. */
const clockTolerance = 60
/** Entra dates tokens back by this many seconds, for clocks that are behind. */
const backdated = 300
/** With the ids of 200 groups, which is the most that Entra puts into a token. Node accepts 16 kB of headers. */
const longestToken = 14_000
/** A token is used for an hour: enough for that many people at work. */
const mostAccepted = 5_000

const guid = z.guid().transform((id) => id.toLowerCase())
const seconds = z.int()
/** Words in a claim of another form count as none. */
const words = z.array(z.string()).catch([])
/** As one text, which takes a third of the memory. Ids of another form say nothing: a directory may send names. */
const ids = z
  .array(guid)
  .transform((all) => all.join(' '))
  .optional()
  .catch(undefined)

/**
 * The claims that are read from an Entra access token v2.0 ("Access token claims reference"). An ID token has no `azp`
 * and no `scp`. A program's own token has no `scp`, and its `idtyp` is `app`.
 */
const claims = z.object({
  ver: z.literal('2.0'),
  aud: z.string(),
  iss: z.string(),
  iat: seconds,
  nbf: seconds,
  exp: seconds,
  tid: guid,
  oid: guid,
  azp: guid,
  scp: z.string(),
  idtyp: z.literal('user').optional(),
  preferred_username: z.string().min(3).max(320),
  name: z.string().max(256).optional(),
  /** The app roles that the directory has given the person. */
  roles: words,
  /** How they signed in, where Entra says it, and the authentication contexts that they satisfied. */
  amr: words,
  acrs: words,
  /** The person's groups. Of more than 200 groups Entra says only that they are elsewhere ("groups overage claim"). */
  groups: ids,
  hasgroups: z.unknown().optional(),
  _claim_names: z.object({ groups: z.unknown().optional() }).optional().catch(undefined),
})

/** Checks Entra access tokens that were issued to a person for our API. `now` in milliseconds. */
export function createEntra(
  { authority, clientId, tenants, context }: EntraSettings,
  log: Pick<Log, 'info' | 'error'>,
  now: () => number = Date.now,
) {
  const failed = () => log.error('entra keys unavailable')
  const keys = lastGood(() => fetchKeys(authority, log), failed, undefined, now)
  const served = new Set(tenants)
  const accepted = lastUsed<Read>(mostAccepted)

  /** Everything that is the same for the add-in and for the console. */
  async function verified(token: string): Promise<Read> {
    const digest = hash('sha256', token)
    const known = accepted.get(digest) ?? read(token)
    const { keyName, said, verifiedWith } = known
    const { tid } = said
    const candidates = await keys.find((published) => published.get(keyName), unavailable)
    if (!candidates) throw refused('key')
    const issuer = `${authority}/${tid}/v2.0`
    const key = candidates.find(({ signsFor }) => signsFor.replace('{tenantid}', tid) === issuer)?.key
    if (!key) throw refused('key_issuer')
    const isVerified = verifiedWith === key
    if (!isVerified) signedBy({ text: token }, key)

    if (said.aud !== clientId) throw refused('audience')
    if (said.iss !== issuer) throw refused('issuer')
    if (!served.has(tid)) throw refused('tenant')
    if (said.azp !== clientId) throw refused('program')
    const at = now() / 1000
    if (said.exp + clockTolerance <= at) throw refused('expired')
    if (said.nbf - clockTolerance > at) throw refused('not_yet')
    if (!isVerified) accepted.set(digest, { ...known, verifiedWith: key })
    return known
  }

  return {
    /** Who shows this access token for the add-in. */
    async check(token: string): Promise<Caller> {
      const { said, caller } = await verified(token)
      if (!said.scp.split(' ').includes(permission)) throw refused('scope')
      return caller
    },

    /** The administrator who shows this access token for the console. Without a second factor, a claims challenge. */
    async checkAdministrator(token: string): Promise<Administrator> {
      const { said, caller } = await verified(token)
      if (!said.scp.split(' ').includes(administration)) throw refused('scope')
      const role = roles.find((name) => said.roles.includes(name))
      if (!role) throw new Problem('not_an_administrator', {}, new ProofRefused('role', caller.subject))
      if (!said.amr.includes('mfa') && !said.acrs.includes(context))
        throw new Problem(
          'second_factor_required',
          { claims: challengeFor(context) },
          new ProofRefused('second_factor', caller.subject),
        )
      return { ...caller, signInName: said.preferred_username, directory: said.tid, role }
    },
  }
}

/** The app roles, the one that may do more first. */
const roles = ['Admin', 'Auditor'] as const

/** Source: Entra, "Developer guide to Conditional Access authentication context". */
const challengeFor = (context: string) =>
  JSON.stringify({ access_token: { acrs: { essential: true, value: context } } })

const callerOf = ({ tid, oid, iat, preferred_username, name, ...said }: Said): Caller => ({
  subject: `entra:${tid}:${oid}`,
  proof: 'entra',
  provedAt: (iat + backdated) * 1000,
  signInName: preferred_username,
  ...(name && { name }),
  ...(said.groups !== undefined && !isOverage(said) && { groups: said.groups }),
})

const isOverage = ({ hasgroups, _claim_names: elsewhere }: Pick<Said, 'hasgroups' | '_claim_names'>) =>
  hasgroups !== undefined || elsewhere?.groups !== undefined

type Said = z.infer<typeof claims>

/** What a token says. */
interface Read {
  keyName: string
  said: Said
  caller: Caller
  /**
   * The key that its signature was verified with, when the token was accepted before. While Entra's keys are the same,
   * that need not be done again; once they are fetched anew, each key is another object. The token itself is not kept.
   */
  verifiedWith?: KeyObject
}

function read(token: string): Read {
  const { header, payload } = readJws(token, longestToken, 'kid')
  const { success, data, error } = claims.safeParse(payload)
  if (!success) throw refused(`claim_${String(error.issues[0]?.path[0])}`)
  return { keyName: header.kid as string, said: data, caller: callerOf(data) }
}

interface SigningKey {
  /** The issuer that this key may sign for. Entra publishes keys for personal accounts in the same document. */
  signsFor: string
  key: KeyObject
}

const published = z.object({ keys: z.array(z.unknown()) })
const signingKey = z.object({ kid: z.string(), n: z.string(), e: z.string(), issuer: z.string() })

/** Entra's signing keys by `kid`. A key of another kind is skipped. */
export async function fetchKeys(
  authority: string,
  log: Pick<Log, 'info'>,
): Promise<Map<string, SigningKey[]>> {
  const began = performance.now()
  const response = await onceMore(() =>
    fetch(`${authority}/common/discovery/v2.0/keys`, {
      redirect: 'error',
      signal: AbortSignal.timeout(5_000),
    }),
  )
  const milliseconds = Math.round(performance.now() - began)
  log.info('entra call', {
    method: 'GET',
    route: '/discovery/v2.0/keys',
    status: response.status,
    milliseconds,
  })
  if (!response.ok) throw new Error(`The keys endpoint answered ${response.status}`)
  const found = new Map<string, SigningKey[]>()
  for (const row of published.parse(await response.json()).keys) {
    const { success, data } = signingKey.safeParse(row)
    if (!success) continue
    const { kid, n, e, issuer } = data
    const key = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' })
    found.set(kid, [...(found.get(kid) ?? []), { signsFor: issuer, key }])
  }
  if (found.size === 0) throw new Error('The keys endpoint showed no key')
  return found
}

/** A key outage is a 503, not a rejected token. */
const unavailable = () => new Problem('sign_in_unavailable', { retryAfter: 5 })
