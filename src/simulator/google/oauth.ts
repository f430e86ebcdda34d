import { createHash, randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { Calendars } from '../calendars.ts'
import { back } from '../kit/back.ts'
import { type Faults, faulty } from '../kit/faults.ts'
import { accounts, type Brand, page } from '../kit/page.ts'
import { type Person, people } from '../people.ts'
import { googleCredentials } from './app.ts'
import { eventsList } from './calendar.ts'

export interface GoogleOptions {
  faults: Faults
  /** What people's calendars have. */
  calendars?: Calendars
  /** The redirect URIs of the application; only an exact match is accepted. */
  redirectUris: readonly string[]
  /** ms since 1970. */
  now?: () => number
}

/** What a person has allowed the application. */
interface Grant {
  person: string
  scopes: readonly string[]
  /** ms since 1970. */
  since: number
}

interface Code extends Grant {
  redirectUri: string
  challenge: string
  isOffline: boolean
}

const codeLife = 10 * 60_000
const accessSeconds = 3599
/** A refresh token of an application that is being tested. Source: Google, "Using OAuth 2.0", "Refresh token expiration". */
const testingLife = 7 * 24 * 3_600_000
const brand: Brand = { name: 'Google', accent: '#0b57d0' }
const reminder = 'there is no password'

export type Google = ReturnType<typeof createGoogle>

/**
 * A stand-in for Google's OAuth for web server applications: the page with granular consent, codes with PKCE, refresh
 * tokens and their ends; and for the events of calendars. Source: Google Identity, "Using OAuth 2.0 for Web Server Applications".
 */
export function createGoogle({ faults, calendars, redirectUris, now = Date.now }: GoogleOptions) {
  const { clientId, clientSecret } = googleCredentials
  let secrets: readonly string[] = [clientSecret]
  const codes = new Map<string, Code>()
  const refreshTokens = new Map<string, Grant>()
  const accessTokens = new Map<string, Grant>()
  let isTesting = false
  let isBlocked = false

  function untrusted(asked: URLSearchParams): string | undefined {
    if (asked.get('client_id') !== clientId) return 'Error 401: invalid_client'
    if (!redirectUris.includes(asked.get('redirect_uri') ?? '')) return 'Error 400: redirect_uri_mismatch'
    if (asked.get('response_type') !== 'code') return 'Error 400: unsupported_response_type'
    if (!asked.get('scope')) return 'Error 400: invalid_scope'
    return isBlocked ? 'Error 400: admin_policy_enforced' : undefined
  }

  async function authorize(c: Context) {
    c.header('x-frame-options', 'DENY')
    const asked = new URL(c.req.url).searchParams
    const why = untrusted(asked)
    if (why) return c.html(page(brand, why, html`<p>Access blocked.</p>`, reminder), 400)
    const form = new URLSearchParams(c.req.method === 'POST' ? await c.req.text() : '')
    const person = people.find(({ objectId }) => objectId === form.get('person'))
    if (form.has('decline')) return back(c, asked, { error: 'access_denied' })
    if (!person) return c.html(whoPage())
    const scopes = (asked.get('scope') ?? '').split(' ')
    if (!form.has('allow')) return c.html(consentPage(person, scopes))
    const code = `4/0${randomBytes(24).toString('base64url')}`
    codes.set(code, {
      person: person.objectId,
      // Granular consent: a person may leave out any of several scopes.
      scopes: form.getAll('scope').filter((scope) => scopes.includes(scope)),
      since: now(),
      redirectUri: asked.get('redirect_uri') ?? '',
      challenge: asked.get('code_challenge') ?? '',
      isOffline: asked.get('access_type') === 'offline' && asked.get('prompt') === 'consent',
    })
    return back(c, asked, { code, scope: form.getAll('scope').join(' ') })
  }

  const invalid = (error_description: string) => ({ error: 'invalid_grant', error_description })

  function redeem(form: URLSearchParams) {
    const text = form.get('code') ?? ''
    const code = codes.get(text)
    codes.delete(text)
    if (!code || code.since + codeLife <= now()) return invalid('Bad Request')
    if (form.get('redirect_uri') !== code.redirectUri)
      return { error: 'redirect_uri_mismatch', error_description: 'Bad Request' }
    const hash = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (hash !== code.challenge) return invalid('Invalid code verifier.')
    const { person, scopes, since, isOffline } = code
    return tokens({ person, scopes, since }, isOffline)
  }

  function refresh(form: URLSearchParams) {
    const grant = refreshTokens.get(form.get('refresh_token') ?? '')
    if (!grant || (isTesting && grant.since + testingLife <= now()))
      return invalid('Token has been expired or revoked.')
    return tokens(grant, false)
  }

  function tokens(grant: Grant, isOffline: boolean) {
    const access_token = `ya29.simulated.${randomBytes(24).toString('base64url')}`
    const refresh_token = `1//simulated.${randomBytes(24).toString('base64url')}`
    accessTokens.set(access_token, grant)
    if (isOffline) refreshTokens.set(refresh_token, grant)
    return {
      access_token,
      expires_in: accessSeconds,
      scope: grant.scopes.join(' '),
      token_type: 'Bearer',
      ...(isOffline && { refresh_token }),
    }
  }

  const grants: Record<string, (form: URLSearchParams) => object> = {
    authorization_code: redeem,
    refresh_token: refresh,
  }

  async function token(c: Context) {
    const form = new URLSearchParams(await c.req.text())
    if (form.get('client_id') !== clientId || !secrets.includes(form.get('client_secret') ?? ''))
      return c.json({ error: 'invalid_client', error_description: 'Unauthorized' }, 401)
    const name = form.get('grant_type') ?? ''
    const grant = Object.hasOwn(grants, name) ? grants[name] : undefined
    const body = grant?.(form) ?? { error: 'unsupported_grant_type' }
    return c.json(body, 'error' in body ? 400 : 200)
  }

  /** Either kind of token ends everything that the person has allowed. */
  async function revoke(c: Context) {
    const text = new URLSearchParams(await c.req.text()).get('token') ?? ''
    const grant = refreshTokens.get(text) ?? accessTokens.get(text)
    if (!grant) return c.json({ error: 'invalid_token', error_description: 'Token expired or revoked' }, 400)
    removeAccess(grant.person)
    return c.json({})
  }

  function removeAccess(person: string): void {
    for (const all of [refreshTokens, accessTokens])
      for (const [text, grant] of all) if (grant.person === person) all.delete(text)
  }

  const app = new Hono()
  app.use(faulty(faults, 'google'))
  app.get('/o/oauth2/v2/auth', authorize)
  app.post('/o/oauth2/v2/auth', authorize)
  app.post('/token', token)
  app.post('/revoke', revoke)
  if (calendars)
    app.get(
      '/calendar/v3/calendars/primary/events',
      eventsList(calendars, (token) => accessTokens.get(token)),
    )

  return {
    app,
    /** Whether the application has any token of the person. */
    has: ({ objectId }: Pick<Person, 'objectId'>) =>
      [...refreshTokens.values(), ...accessTokens.values()].some(({ person }) => person === objectId),
    /** The person removes the application from their account, or changes their password. */
    removeAccess: ({ objectId }: Pick<Person, 'objectId'>) => removeAccess(objectId),
    /** From now on the client has these secrets. Source: Google Cloud, "Manage OAuth Clients": several at a time. */
    haveSecrets(...these: string[]) {
      secrets = these
    },
    /** The application is being tested: its refresh tokens end after seven days. */
    test() {
      isTesting = true
    },
    /** An administrator of Google Workspace blocks the application. */
    block() {
      isBlocked = true
      refreshTokens.clear()
    },
    reset() {
      isTesting = false
      isBlocked = false
      secrets = [clientSecret]
      codes.clear()
    },
  }
}

function whoPage() {
  const body = html`
  <form method="post">
    ${accounts(people)}
    <p class="actions"><button name="decline" value="yes">Cancel</button></p>
  </form>`
  return page(brand, 'Sign in with Google', body, reminder)
}

function consentPage({ objectId, displayName }: Person, scopes: readonly string[]) {
  const body = html`
  <p>${displayName}, select what the application can access.</p>
  <form method="post">
    <input type="hidden" name="person" value="${objectId}">
    ${scopes.map((scope) => html`<p><label><input type="checkbox" name="scope" value="${scope}" checked> ${scope}</label></p>`)}
    <p class="actions">
      <button name="decline" value="yes">Cancel</button>
      <button name="allow" value="yes" class="primary">Continue</button>
    </p>
  </form>`
  return page(brand, 'The application wants access to your Google Account', body, reminder)
}
