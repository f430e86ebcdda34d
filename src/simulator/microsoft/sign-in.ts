import { randomBytes, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { html } from 'hono/html'
import { accounts, page } from '../kit/page.ts'
import { type Account, consumersTenant, people } from '../people.ts'
import { brand } from './brand.ts'
import type { Directory } from './delegated.ts'
import { type ErrorNumber, entraError } from './errors.ts'
import type { Grants } from './grants.ts'
import { contextIn, permissionIn, type Registration, scopeRefusal } from './tokens.ts'

/** Identifies the browser's session. */
const cookie = 'ESTSAUTH'

/** Who is signed in, and which authentication contexts they have satisfied. */
interface Session {
  account: Account
  contexts: readonly string[]
}

/**
 * `GET` and `POST /{tenant}/oauth2/v2.0/authorize`: the pages on which a person signs in and consents, and the
 * redirect with the code. Source: Entra, "Authorization code flow". The organization has consented for everyone, except
 * where a mailbox says otherwise, so a person with a session is not asked again.
 */
export function createSignIn(
  registration: Registration & { redirectUris: readonly string[] },
  grants: Grants,
  { agreed, directory }: { agreed: Set<string>; directory: Directory },
) {
  const sessions = new Map<string, Session>()

  /** Why the browser must not be redirected to the address in the request. */
  function untrusted(asked: URLSearchParams) {
    const [clientId, redirectUri] = [asked.get('client_id') ?? '', asked.get('redirect_uri') ?? '']
    if (clientId !== registration.clientId || !registration.registered.exists())
      return entraError(700016, clientId)
    if (!registration.redirectUris.includes(redirectUri)) return entraError(50011, redirectUri)
    return undefined
  }

  function unacceptable(asked: URLSearchParams): [ErrorNumber, string?] | undefined {
    if (asked.get('response_type') !== 'code') return [900144, 'response_type']
    if (!asked.get('code_challenge') || asked.get('code_challenge_method') !== 'S256') return [9002325]
    return scopeRefusal(asked.get('scope') ?? '', registration)
  }

  function mustConsent({ bridge, emailAddress }: Account, asked: URLSearchParams): boolean {
    if (asked.get('prompt') === 'consent') return true
    const permission = permissionIn(asked.get('scope') ?? '', registration.clientId) ?? ''
    if (!registration.registered.isConsented(permission)) return !agreed.has(emailAddress)
    const consented = typeof bridge === 'string' || bridge.GetToken?.code !== 'consent_required'
    return !consented && !agreed.has(emailAddress)
  }

  const mustProveMore = (person: Account, asked: URLSearchParams) =>
    directory.isChallenged(asked.get('claims') ?? undefined) && directory.demandsMoreOf(person)

  function backWithCode(
    c: Context,
    asked: URLSearchParams,
    { account: person, contexts }: Session,
  ): Response {
    const nonce = asked.get('nonce')
    const code = grants.code({
      person,
      contexts,
      scope: asked.get('scope') ?? '',
      redirectUri: asked.get('redirect_uri') ?? '',
      challenge: asked.get('code_challenge') ?? '',
      ...(nonce !== null && { nonce }),
    })
    return back(c, asked, { code, session_state: randomUUID() })
  }

  /** Entra's pages refuse to be framed: a hidden frame can only get a redirect. */
  function refuseOrGoOn(c: Context, asked: URLSearchParams): Response | undefined {
    c.header('x-frame-options', 'DENY')
    const error = untrusted(asked)
    if (error) return c.text(error.error_description, 400)
    const fault = unacceptable(asked)
    return fault && back(c, asked, entraError(...fault))
  }

  return {
    show(c: Context) {
      const asked = new URL(c.req.url).searchParams
      const refused = refuseOrGoOn(c, asked)
      if (refused) return refused
      const hint = asked.get('login_hint')
      const prompt = asked.get('prompt')
      const session = sessions.get(getCookie(c, cookie) ?? '')
      const isWanted =
        session && (!hint || hint === session.account.emailAddress) && !foreign(c, session.account)
      const lacking = isWanted && lacks(session, asked)
      if (isWanted && !lacking && (!prompt || prompt === 'none')) {
        if (!mustProveMore(session.account, asked)) return backWithCode(c, asked, session)
        if (prompt === 'none') return back(c, asked, entraError(50079))
      }
      if (prompt === 'none') return back(c, asked, entraError(isWanted ? 50076 : 50058))
      if (isWanted && lacking && !prompt) return c.html(factorPage(session.account))
      return c.html(whoPage(hint))
    },

    async answer(c: Context) {
      const asked = new URL(c.req.url).searchParams
      const refused = refuseOrGoOn(c, asked)
      if (refused) return refused
      const form = new URLSearchParams(await c.req.text())
      const person = people.find(({ objectId }) => objectId === form.get('person'))
      if (!person || form.has('cancel')) return back(c, asked, entraError(65004))
      const error = foreign(c, person)
      if (error) return c.html(whoPage(null, error.error_description))
      if (!form.has('accept') && mustConsent(person, asked))
        return c.html(consentPage(person, new URL(asked.get('redirect_uri') ?? '').origin))
      const context = contextIn(asked.get('claims'))
      if (context && !form.has('approve')) return c.html(factorPage(person))
      if (mustProveMore(person, asked)) directory.satisfy(person)
      agreed.add(person.emailAddress)
      const session = randomBytes(24).toString('base64url')
      const signedIn = { account: person, contexts: context ? [context] : [] }
      sessions.set(session, signedIn)
      setCookie(c, cookie, session, { path: '/', httpOnly: true, secure: true, sameSite: 'None' })
      return backWithCode(c, asked, signedIn)
    },

    reset: () => sessions.clear(),
  }
}

/** Whether the session must satisfy an authentication context first. */
function lacks({ contexts }: Session, asked: URLSearchParams): boolean {
  const context = contextIn(asked.get('claims'))
  return context !== undefined && !contexts.includes(context)
}

/** Why this person cannot sign in to the tenant in the address; undefined: they can. */
function foreign(c: Context, { tenantId, emailAddress }: Account) {
  const tenant = c.req.param('tenant') ?? ''
  if (tenant === 'common' || tenant === tenantId) return undefined
  const group = tenantId === consumersTenant ? 'consumers' : 'organizations'
  if (tenant === group) return undefined
  return entraError(group === 'consumers' ? 500200 : 50020, emailAddress)
}

/** Redirects to the application, with the answer in the query or, if `response_mode` says so, in the fragment. */
function back(c: Context, asked: URLSearchParams, answer: object): Response {
  const state = asked.get('state')
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(answer))
    if (typeof value === 'string') parameters.set(name, value)
  if (state !== null) parameters.set('state', state)
  const separator = asked.get('response_mode') === 'fragment' ? '#' : '?'
  return c.redirect(`${asked.get('redirect_uri')}${separator}${parameters}`)
}

const reminder = 'there is no password'

/** Asks who signs in. The person in the application's `login_hint` comes first. */
function whoPage(hint: string | null, error?: string) {
  const hinted = people.filter(({ emailAddress }) => emailAddress === hint)
  const others = people.filter(({ emailAddress }) => emailAddress !== hint)
  const more = html`<details><summary>Use another account</summary>${accounts(others)}</details>`
  const body = html`
  ${error ? html`<p class="error" role="alert">${error}</p>` : ''}
  <form method="post">
    ${hinted.length > 0 ? [accounts(hinted), more] : accounts(others)}
    <p class="actions"><button name="cancel" value="yes">Cancel</button></p>
  </form>`
  return page(brand, 'Sign in', body, reminder)
}

/** A Conditional Access policy demands a second factor for the authentication context. */
function factorPage({ displayName, emailAddress, objectId }: Account) {
  const body = html`
  <p>${displayName}, ${emailAddress}</p>
  <p>Your organisation asks for a second factor. Approve the sign-in, as you would on your telephone.</p>
  <form method="post">
    <input type="hidden" name="person" value="${objectId}">
    <input type="hidden" name="accept" value="yes">
    <p class="actions">
      <button name="cancel" value="yes">Cancel</button>
      <button name="approve" value="yes" class="primary">Approve</button>
    </p>
  </form>`
  return page(brand, 'Verify your identity', body, reminder)
}

function consentPage({ displayName, emailAddress, objectId }: Account, application: string) {
  const body = html`
  <p>${displayName}, ${emailAddress}</p>
  <p>The application at ${application} wants to:</p>
  <ul>
    <li>access its own service as you</li>
    <li>see your name and e-mail address</li>
  </ul>
  <form method="post">
    <input type="hidden" name="person" value="${objectId}">
    <p class="actions">
      <button name="cancel" value="yes">Cancel</button>
      <button name="accept" value="yes" class="primary">Accept</button>
    </p>
  </form>`
  return page(brand, 'Permissions requested', body, reminder)
}
