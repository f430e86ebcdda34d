import { randomBytes, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { html } from 'hono/html'
import { type Mailbox, mailboxes } from '../mailboxes.ts'
import { type ErrorNumber, entraError } from './errors.ts'
import type { Grants } from './grants.ts'
import { consumersTenant } from './keys.ts'
import { isApiScope, type Registration } from './tokens.ts'

/** Who is signed in, in this browser. */
const cookie = 'ESTSAUTH'

/**
 * `GET` and `POST /{tenant}/oauth2/v2.0/authorize`: the page on which a person signs in and agrees, and the redirect
 * with the code. Source: Entra, "Authorization code flow". The organization has consented to the application, so
 * whoever is signed in already is not asked again.
 */
export function createSignIn(
  registration: Registration & { redirectUris: readonly string[] },
  grants: Grants,
) {
  const sessions = new Map<string, Mailbox>()

  /** Why the request is not even sent back to where it says that it comes from. */
  function untrusted(asked: URLSearchParams) {
    const [clientId, redirectUri] = [asked.get('client_id') ?? '', asked.get('redirect_uri') ?? '']
    if (clientId !== registration.clientId) return entraError(700016, clientId)
    if (!registration.redirectUris.includes(redirectUri)) return entraError(50011, redirectUri)
    return undefined
  }

  function unacceptable(asked: URLSearchParams): [ErrorNumber, string?] | undefined {
    if (asked.get('response_type') !== 'code') return [900144, 'response_type']
    if (!asked.get('code_challenge') || asked.get('code_challenge_method') !== 'S256') return [9002325]
    if (!isApiScope(asked.get('scope') ?? '', registration.clientId)) return [70011, asked.get('scope') ?? '']
    return undefined
  }

  function agreed(c: Context, asked: URLSearchParams, person: Mailbox): Response {
    const nonce = asked.get('nonce')
    const code = grants.code({
      person,
      scope: asked.get('scope') ?? '',
      redirectUri: asked.get('redirect_uri') ?? '',
      challenge: asked.get('code_challenge') ?? '',
      ...(nonce !== null && { nonce }),
    })
    return back(c, asked, { code, session_state: randomUUID() })
  }

  /** Entra keeps frames away from its pages; a hidden frame gets no page, only a redirect. */
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
      const people = peopleOf(c.req.param('tenant') ?? '', asked.get('login_hint'))
      const signedIn = people.find((person) => person === sessions.get(getCookie(c, cookie) ?? ''))
      const prompt = asked.get('prompt')
      if (signedIn && (!prompt || prompt === 'none')) return agreed(c, asked, signedIn)
      if (prompt === 'none') return back(c, asked, entraError(50058))
      return c.html(page(people, new URL(asked.get('redirect_uri') ?? '').origin))
    },

    async answer(c: Context) {
      const asked = new URL(c.req.url).searchParams
      const refused = refuseOrGoOn(c, asked)
      if (refused) return refused
      const chosen = new URLSearchParams(await c.req.text()).get('person')
      const person = peopleOf(c.req.param('tenant') ?? '', null).find(({ objectId }) => objectId === chosen)
      if (!person) return back(c, asked, entraError(65004))
      const session = randomBytes(24).toString('base64url')
      sessions.set(session, person)
      setCookie(c, cookie, session, { path: '/', httpOnly: true, secure: true, sameSite: 'None' })
      return agreed(c, asked, person)
    },

    reset: () => sessions.clear(),
  }
}

/** Those with an account in the tenant that the address names; only the one that is hinted at, if there is. */
function peopleOf(tenant: string, hint: string | null): Mailbox[] {
  const everyone: Mailbox[] = Object.values(mailboxes)
  const people = everyone.filter(({ accountType, tenantId }) => {
    if (accountType === 'enterprise' || accountType === 'gmail') return false
    const personal = tenantId === consumersTenant
    if (tenant === 'common') return true
    if (tenant === 'organizations') return !personal
    return tenant === 'consumers' ? personal : tenant === tenantId
  })
  const hinted = people.filter(({ emailAddress }) => emailAddress === hint)
  return hinted.length > 0 ? hinted : people
}

/** The way back to the application, with the answer where it wants it: by default in the query. */
function back(c: Context, asked: URLSearchParams, answer: object): Response {
  const state = asked.get('state')
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(answer))
    if (typeof value === 'string') parameters.set(name, value)
  if (state !== null) parameters.set('state', state)
  const separator = asked.get('response_mode') === 'fragment' ? '#' : '?'
  return c.redirect(`${asked.get('redirect_uri')}${separator}${parameters}`)
}

function page(people: Mailbox[], application: string) {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem }
  button { display: block; width: 100%; margin: .75rem 0; padding: .75rem; font: inherit; text-align: start }
  p:last-of-type { color: #595959 }
</style>
<h1>Sign in</h1>
<p>The application at ${application} wants to act for you on its own service, and to know your name.</p>
<form method="post">
  ${people.map(
    ({ displayName, emailAddress, objectId }) =>
      html`<button name="person" value="${objectId}">Sign in as ${displayName}<br>${emailAddress}</button>`,
  )}
  <button name="cancel" value="yes">Cancel</button>
</form>
<p>This is a stand-in for Microsoft on your own machine: there is no password.</p>
</html>`
}
