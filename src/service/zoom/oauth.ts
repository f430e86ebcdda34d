import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import type { Log } from '../log.ts'

export interface ZoomOAuthSettings {
  /** `https://api.zoom.us/v2` */
  apiUrl: string
  /** `https://zoom.us/oauth` */
  oauthUrl: string
  /** The Zoom account whose users the service schedules for. */
  accountId: string
  /** The organisation's user-managed app at Zoom. */
  clientId: string
  clientSecret: string
  /** Where Zoom redirects the browser. It must equal the address that is registered for the app. */
  redirectUri: string
}

export type ZoomOAuth = ReturnType<typeof zoomOAuth>

/** Milliseconds for one request to Zoom. */
const deadline = 6_000

const granted = z.object({ access_token: z.string() })
const person = z.object({ id: z.string().regex(/^[\w-]{1,64}$/), account_id: z.string() })

/**
 * Zoom's OAuth for a person (authorization code with PKCE). It only finds out which Zoom user they are. The access token
 * is revoked at once.
 */
export function zoomOAuth(settings: ZoomOAuthSettings, log: Log) {
  const { apiUrl, oauthUrl, accountId, clientId, clientSecret, redirectUri } = settings
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const post = (path: string, form: Record<string, string>) =>
    ask(`${oauthUrl}/${path}`, {
      method: 'POST',
      headers: { authorization: basic },
      body: new URLSearchParams(form),
    })

  async function revoke(token: string): Promise<void> {
    const answer = await post('revoke', { token }).catch(() => undefined)
    if (!answer?.ok) log.warn('zoom token not revoked', { status: answer?.status ?? 0 })
  }

  return {
    /** The address where a person signs in. `challenge`: SHA-256 of the service's verifier, base64url. */
    authorize(state: string, challenge: string): string {
      const asked = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      }
      return `${oauthUrl}/authorize?${new URLSearchParams(asked)}`
    },

    /** The id of the Zoom user who signed in: Zoom issued this code for them. Throws `link_expired`, `zoom_other_account`, `zoom_misconfigured`, `zoom_unreachable`. */
    async whoSignedIn(code: string, verifier: string): Promise<string> {
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }
      const grant = await post('token', form)
      if (grant.status === 400)
        throw new Problem(codeRefused(await grant.json()) ? 'link_expired' : 'zoom_misconfigured')
      const { access_token } = await read(granted, grant)
      try {
        const headers = { authorization: `Bearer ${access_token}` }
        const { id, account_id } = await read(person, await ask(`${apiUrl}/users/me`, { headers }))
        if (account_id !== accountId) throw new Problem('zoom_other_account')
        return id
      } finally {
        await revoke(access_token)
      }
    },
  }
}

/** Zoom refuses the code. Any other refusal is about the app. */
const codeRefused = (answer: unknown) =>
  z.object({ error: z.literal('invalid_grant') }).safeParse(answer).success

async function ask(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...options, redirect: 'error', signal: AbortSignal.timeout(deadline) })
  } catch (error) {
    throw new Problem('zoom_unreachable', {}, error)
  }
}

async function read<T>(form: z.ZodType<T>, response: Response): Promise<T> {
  const found = form.safeParse(response.ok ? await response.json().catch(() => undefined) : undefined)
  if (found.success) return found.data
  throw new Problem('zoom_unreachable', {}, new Error(`Zoom answered ${response.status} in another form`))
}
