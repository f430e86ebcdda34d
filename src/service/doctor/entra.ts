import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { consolePath } from '../../contract/admin-paths.ts'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { callbackPaths } from '../feed/ways.ts'
import { fetchKeys } from '../identity/entra.ts'
import { readJws, signedBy } from '../identity/jws.ts'
import { type Answer, requestTokens } from '../outbound/oauth.ts'
import { ProofRefused } from '../refused.ts'
import { type Around, type Check, type Found, found, unlessLate } from './around.ts'

// The application at Entra, as far as tokens, the sign-in page and Microsoft Graph show it.

/** The directory of all personal Microsoft accounts: no application can be looked at in it. */
export const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad'
export const directoryOf = ({ settings }: Around) =>
  settings.ENTRA_TENANTS.find((tenant) => tenant !== consumers) ?? consumers

const configuration = z.object({ issuer: z.string() })

export const entraDirectory: Check = {
  async look({ settings }, signal) {
    const { ENTRA_AUTHORITY: authority, ENTRA_TENANTS: tenants } = settings
    for (const directory of tenants) {
      const url = `${authority}/${directory}/v2.0/.well-known/openid-configuration`
      const answer = await fetch(url, { redirect: 'manual', signal }).catch(unlessLate(signal))
      const said = configuration.safeParse(await answer?.json().catch(() => undefined))
      if (answer?.status === 400) return found('entra_directory_missing', { directory })
      if (!said.success) return found('entra_unreachable', { authority })
      if (said.data.issuer !== `${authority}/${directory}/v2.0`)
        return found('entra_directory_missing', { directory })
    }
    return found('entra_directory_known', { count: tenants.length })
  },
}

/** Asks for a token of the application itself, and returns Entra's own code beside the answer. */
export async function ownToken({ settings, log }: Around, resource: string, signal: AbortSignal) {
  let code = 0
  const answer: Answer = await requestTokens(
    {
      url: `${settings.ENTRA_AUTHORITY}/${directoryOf({ settings } as Around)}/oauth2/v2.0/token`,
      form: {
        grant_type: 'client_credentials',
        client_id: settings.ENTRA_CLIENT_ID,
        client_secret: settings.ENTRA_CLIENT_SECRET ?? '',
        scope: `${resource}/.default`,
      },
      repeatable: true,
      log(said, refusal) {
        code = refusal?.error_codes[0] ?? 0
        log.info('entra call', { method: 'POST', route: '/oauth2/v2.0/token', ...said })
      },
    },
    signal,
  )
  return { token: answer.kind === 'granted' ? answer.accessToken : undefined, code }
}

/** What Entra's codes mean: "Authentication and authorization error codes". */
const meanings: Readonly<Record<number, Found['finding']>> = {
  7000215: 'entra_secret_wrong',
  7000222: 'entra_secret_expired',
  700016: 'entra_application_missing',
  7000112: 'entra_application_disabled',
  500011: 'entra_api_missing',
}

function refusedWith(code: number, around: Around): Found {
  const values = { directory: directoryOf(around), application: around.settings.ENTRA_CLIENT_ID, code }
  return found(meanings[code] ?? (code ? 'entra_refuses' : 'entra_silent'), values)
}

export const entraSecret: Check = {
  after: ['entraDirectory'],
  async look(around, signal) {
    if (!around.settings.ENTRA_CLIENT_SECRET) return found('entra_secret_none')
    const { token, code } = await ownToken(around, around.settings.GRAPH_URL, signal)
    return token ? found('entra_secret_accepted') : refusedWith(code, around)
  },
}

/** Gets a token for the add-in's own API, and checks it as the service checks those of people. */
export const entraToken: Check = {
  after: ['entraSecret'],
  async look(around, signal) {
    const { ENTRA_AUTHORITY: authority, ENTRA_CLIENT_ID: clientId } = around.settings
    const { token, code } = await ownToken(around, `api://${clientId}`, signal)
    if (!token) return refusedWith(code, around)
    try {
      const jws = readJws(token, 20_000, 'kid')
      const { ver, iss, aud } = jws.payload
      if (ver !== '2.0') return found('entra_token_version', { version: String(ver).slice(0, 8) })
      const keys = (await fetchKeys(authority, around.log)).get(String(jws.header.kid)) ?? []
      const issuer = `${authority}/${directoryOf(around)}/v2.0`
      if (iss !== issuer || aud !== clientId || !keys[0]) return found('entra_token_other')
      for (const { key } of keys) signedBy(jws, key)
      return found('entra_token_good')
    } catch (error) {
      if (error instanceof Problem && error.cause instanceof ProofRefused) return found('entra_token_other')
      throw error
    }
  },
}

/** Where Entra sends the browser back to that signs a person in to an app. It needs the secret. */
const callbacksOf = ({ settings }: Around) =>
  settings.ENTRA_CLIENT_SECRET ? [settings.PUBLIC_URL + callbackPaths.entra] : []

const pagesOf = ({ settings }: Around) =>
  ['/addin/redirect/index.html', paths.dialog, consolePath].map((path) => `${settings.PUBLIC_URL}${path}`)

const isOptional = ({ finding }: Found) => finding === 'entra_app_redirect_missing'

/**
 * Asks the sign-in page for somebody who is not signed in (`prompt=none`). Entra sends the browser back only to an
 * address that is registered; otherwise it shows AADSTS50011 itself.
 */
export const entraRedirects: Check = {
  after: ['entraDirectory'],
  async look(around, signal) {
    const { ENTRA_AUTHORITY: authority, ENTRA_CLIENT_ID: clientId } = around.settings
    const callbacks = callbacksOf(around)
    const results = await Promise.all(
      [...pagesOf(around), ...callbacks].map(async (address): Promise<Found | undefined> => {
        const asked = new URLSearchParams({
          client_id: clientId,
          response_type: 'code',
          redirect_uri: address,
          scope: `api://${clientId}/access_as_user openid`,
          prompt: 'none',
          state: 'doctor',
          code_challenge: randomBytes(32).toString('base64url'),
          code_challenge_method: 'S256',
        })
        const url = `${authority}/${directoryOf(around)}/oauth2/v2.0/authorize?${asked}`
        const answer = await fetch(url, { redirect: 'manual', signal })
        if (answer.headers.get('location')?.startsWith(address)) return undefined
        const text = await answer.text()
        const missing = callbacks.includes(address) ? 'entra_app_redirect_missing' : 'entra_redirect_missing'
        if (text.includes('AADSTS50011')) return found(missing, { address })
        if (text.includes('AADSTS700016')) return refusedWith(700016, around)
        return found('entra_redirects_unclear')
      }),
    )
    const faults = results.flatMap((result) => result ?? [])
    const missing = faults.filter(({ finding }) => finding === 'entra_redirect_missing')
    if (missing.length > 0) return missing
    const [fault = found('entra_redirects_good', { count: results.length })] = faults.toSorted(
      (a, b) => Number(isOptional(a)) - Number(isOptional(b)),
    )
    return fault
  },
}

const listed = z.array(z.string()).catch([])
const platform = z.object({ redirectUris: listed }).catch({ redirectUris: [] })
/** "application resource type". */
const application = z.object({
  identifierUris: listed,
  spa: platform,
  web: platform,
  publicClient: platform,
  api: z.object({
    requestedAccessTokenVersion: z.number().nullish(),
    oauth2PermissionScopes: z
      .array(z.object({ value: z.string().nullish(), isEnabled: z.boolean() }))
      .catch([]),
    preAuthorizedApplications: z.array(z.object({ appId: z.string().nullish() })).catch([]),
  }),
})
/** "oAuth2PermissionGrant resource type". */
const grants = z.object({
  value: z.array(z.object({ consentType: z.string(), scope: z.string().nullish() })),
})

/** Reads the registration by an administrator's own token for Graph, or by the application's if it may. */
export const entraRegistration: Check = {
  after: ['entraDirectory'],
  async look(around, signal) {
    const { GRAPH_URL: graph, ENTRA_CLIENT_ID: clientId, ENTRA_CLIENT_SECRET: secret } = around.settings
    const token = around.graphToken ?? (secret ? (await ownToken(around, graph, signal)).token : undefined)
    if (!token) return found('entra_registration_closed')

    /** `status` 0: there was no answer. */
    async function read<T>(
      path: string,
      form: z.ZodType<T>,
    ): Promise<{ status: number; read?: T | undefined }> {
      const headers = { authorization: `Bearer ${token}` }
      const answer = await fetch(`${graph}/v1.0/${path}`, { headers, redirect: 'manual', signal }).catch(
        unlessLate(signal),
      )
      const said: unknown = await answer?.json().catch(() => undefined)
      return { status: answer?.status ?? 0, read: form.safeParse(said).data }
    }

    const [{ status, read: registered }, { read: consent }] = await Promise.all([
      read(`applications(appId='${clientId}')?$select=identifierUris,spa,web,publicClient,api`, application),
      read(`servicePrincipals(appId='${clientId}')/oauth2PermissionGrants`, grants),
    ])
    if (status === 0) return found('graph_unreachable', { address: new URL(graph).host })
    if (!registered)
      return around.graphToken
        ? found('entra_registration_refused', { status })
        : found('entra_registration_closed')
    const faults = [...redirectFaults(around, registered), ...apiFaults(around, registered)]
    if (consent) faults.push(...consentFaults(around, registered, consent))
    else faults.push(found('entra_consent_closed'))
    return faults.length > 0 ? faults : found('entra_registration_good')
  },
}

type Registered = z.infer<typeof application>

/** An https address must come first: an administrator's consent can fail otherwise (office-js issue 5196). */
function redirectFaults(around: Around, { spa, web, publicClient }: Registered): Found[] {
  const broker = `brk-multihub://${new URL(around.settings.PUBLIC_URL).host}`
  const [single, others] = [spa.redirectUris, [...web.redirectUris, ...publicClient.redirectUris]]
  const missing = [...pagesOf(around), broker].filter((address) => !single.includes(address))
  return [
    ...missing.map((address) =>
      found(
        others.includes(address)
          ? 'entra_redirect_not_spa'
          : address === broker
            ? 'entra_broker_missing'
            : 'entra_redirect_missing',
        { address },
      ),
    ),
    ...(single[0]?.startsWith('brk-') ? [found('entra_broker_first', { address: single[0] })] : []),
  ]
}

function apiFaults({ settings }: Around, { identifierUris, api }: Registered): Found[] {
  const version = api.requestedAccessTokenVersion ?? 1
  const isExposed = api.oauth2PermissionScopes.some(
    ({ value, isEnabled }) => value === 'access_as_user' && isEnabled,
  )
  const address = `api://${settings.ENTRA_CLIENT_ID}`
  return [
    ...(identifierUris.includes(address)
      ? []
      : [found('entra_api_missing', { application: settings.ENTRA_CLIENT_ID })]),
    ...(isExposed ? [] : [found('entra_scope_missing')]),
    ...(version === 2 ? [] : [found('entra_token_version', { version: `${version}.0` })]),
  ]
}

/** What everybody needs a consent for. An application that is authorised in advance needs none for its own API. */
function consentFaults(
  { settings }: Around,
  { api }: Registered,
  { value }: z.infer<typeof grants>,
): Found[] {
  const given = new Set(
    value
      .filter(({ consentType }) => consentType === 'AllPrincipals')
      .flatMap(({ scope }) => scope?.split(' ') ?? []),
  )
  const isKnown = api.preAuthorizedApplications.some(({ appId }) => appId === settings.ENTRA_CLIENT_ID)
  const calendars = settings.CALENDAR_PERMISSION === 'read' ? 'Calendars.Read' : 'Calendars.ReadWrite'
  const needed = [
    ...(isKnown ? [] : ['access_as_user']),
    ...(settings.ENTRA_CLIENT_SECRET ? [calendars, 'offline_access'] : []),
  ]
  const isGiven = (scope: string) =>
    given.has(scope) || (scope === 'Calendars.Read' && given.has('Calendars.ReadWrite'))
  const missing = needed.filter((scope) => !isGiven(scope))
  return missing.length === 0 ? [] : [found('entra_consent_missing', { scopes: missing.join(', ') })]
}
