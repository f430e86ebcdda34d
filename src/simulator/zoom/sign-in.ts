import { createHash, randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { html } from 'hono/html'
import { back } from '../kit/back.ts'
import { accounts, page } from '../kit/page.ts'
import { brand } from './brand.ts'
import type { User } from './users.ts'

/** What an authorization code grants, and what its redemption must match. */
interface Code {
  user: User
  redirectUri: string
  /** PKCE, S256. */
  challenge: string
  /** ms since 1970. */
  expiresAt: number
}

/** Why a code is not redeemed. Source: Zoom OAuth, "OAuth error messages" 4709, 4733, 4734. */
const refusals = {
  expired: { reason: 'Code is expired.', error: 'invalid_grant' },
  invalid: { reason: 'Invalid authorization code.', error: 'invalid_grant' },
  mismatch: { reason: 'Redirect URI mismatch.', error: 'invalid_request' },
} as const

const codeLife = 5 * 60_000

/**
 * `GET` and `POST /oauth/authorize`: the pages on which a person signs in to Zoom and consents, and the redirect with
 * the code. Source: Zoom OAuth, "User authorization". Here PKCE is required; at the real Zoom it is optional.
 */
export function createSignIn(options: {
  clientId: string
  redirectUris: readonly string[]
  now: () => number
  /** Everyone who can sign in. */
  users(): readonly User[]
}) {
  const codes = new Map<string, Code>()

  /** Why the browser must not be redirected to the address in the request. Source: "OAuth error messages", and what Zoom shows. */
  function untrusted(asked: URLSearchParams): string | undefined {
    if (asked.get('client_id') !== options.clientId) return 'Invalid client. (4,702)'
    const redirectUri = asked.get('redirect_uri') ?? ''
    if (!options.redirectUris.includes(redirectUri)) return `Invalid redirect: ${redirectUri} (4,700)`
    return undefined
  }

  function refuseOrGoOn(c: Context, asked: URLSearchParams): Response | Promise<Response> | undefined {
    c.header('x-frame-options', 'DENY')
    const why = untrusted(asked)
    if (why) return c.html(page(brand, why, html`<p>The app sent an invalid request.</p>`, reminder), 400)
    if (asked.get('response_type') !== 'code') return back(c, asked, { error: 'unsupported_response_type' })
    if (!asked.get('code_challenge') || asked.get('code_challenge_method') !== 'S256')
      return back(c, asked, { error: 'invalid_request' })
    return undefined
  }

  return {
    show(c: Context) {
      const asked = new URL(c.req.url).searchParams
      return refuseOrGoOn(c, asked) ?? c.html(whoPage(options.users()))
    },

    async answer(c: Context) {
      const asked = new URL(c.req.url).searchParams
      const refused = refuseOrGoOn(c, asked)
      if (refused) return refused
      const form = new URLSearchParams(await c.req.text())
      const user = options.users().find(({ id }) => id === form.get('person'))
      if (!user || form.has('decline')) return back(c, asked, { error: 'access_denied' })
      const redirectUri = asked.get('redirect_uri') ?? ''
      if (!form.has('allow')) return c.html(consentPage(user, new URL(redirectUri).origin))
      const code = randomBytes(24).toString('base64url')
      const challenge = asked.get('code_challenge') ?? ''
      codes.set(code, { user, redirectUri, challenge, expiresAt: options.now() + codeLife })
      return back(c, asked, { code })
    },

    /** The user of a code, if redirect URI and verifier match. A code can be tried once. */
    redeem(form: URLSearchParams): User | (typeof refusals)[keyof typeof refusals] {
      const text = form.get('code') ?? ''
      const code = codes.get(text)
      codes.delete(text)
      if (!code) return refusals.invalid
      if (code.expiresAt <= options.now()) return refusals.expired
      if (form.get('redirect_uri') !== code.redirectUri) return refusals.mismatch
      const hash = createHash('sha256').update(form.get('code_verifier') ?? '')
      return hash.digest('base64url') === code.challenge ? code.user : refusals.invalid
    },

    reset: () => codes.clear(),
  }
}

const reminder = 'there is no password'

function whoPage(users: readonly User[]) {
  const everyone = users.map(({ id, display_name, email }) => ({
    objectId: id,
    displayName: display_name,
    emailAddress: email,
  }))
  const body = html`
  <form method="post">
    ${accounts(everyone)}
    <p class="actions"><button name="decline" value="yes">Cancel</button></p>
  </form>`
  return page(brand, 'Sign in to Zoom', body, reminder)
}

function consentPage({ id, display_name, email }: User, application: string) {
  const body = html`
  <p>${display_name}, ${email}</p>
  <p>The app at ${application} wants to see your name, your e-mail address and your Zoom account, and to create, change and delete your meetings.</p>
  <form method="post">
    <input type="hidden" name="person" value="${id}">
    <p class="actions">
      <button name="decline" value="yes">Decline</button>
      <button name="allow" value="yes" class="primary">Allow</button>
    </p>
  </form>`
  return page(brand, 'Allow this app?', body, reminder)
}
