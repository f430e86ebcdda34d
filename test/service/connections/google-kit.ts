import { expect } from 'vitest'
import type { Login } from '../../../src/contract/identity.ts'
import { googleLoginPath, paths } from '../../../src/contract/paths.ts'
import type { Permission } from '../../../src/contract/permission.ts'
import { googleCredentials } from '../../../src/simulator/google/app.ts'
import { createGoogle } from '../../../src/simulator/google/oauth.ts'
import { opened } from '../../simulator/serve.ts'
import { type asker, codeIn, proofKey, publicUrl } from '../identity/kit.ts'
import { ada, type World } from '../kit.ts'

export const scopes = {
  read: 'https://www.googleapis.com/auth/calendar.events.readonly',
  'read-write': 'https://www.googleapis.com/auth/calendar.events',
}

/** Google, with the calendars that the world's mailboxes have, and what the service needs to know of it. */
export async function openGoogle({ faults, graph }: World, now?: () => number) {
  const google = await opened(() =>
    createGoogle({
      faults,
      calendars: graph.calendars,
      redirectUris: [publicUrl + paths.googleLoginCallback],
      ...(now && { now }),
    }),
  )
  const settings = {
    GOOGLE_CLIENT_ID: googleCredentials.clientId,
    GOOGLE_CLIENT_SECRET: googleCredentials.clientSecret,
    GOOGLE_AUTH_URL: `${google.origin}/o/oauth2/v2/auth`,
    GOOGLE_TOKEN_URL: google.origin,
    GOOGLE_API_URL: google.origin,
  }
  return { ...google, settings }
}

/** In Google's pages: signs in and ticks these permissions. Where the browser goes then. */
export async function atGoogle(authorize: string, form: Record<string, string>): Promise<string> {
  const { headers } = await fetch(authorize, {
    method: 'POST',
    body: new URLSearchParams({ person: ada.objectId, ...form }),
    redirect: 'manual',
  })
  const back = new URL(headers.get('location') ?? '')
  expect(back.origin).toBe(publicUrl)
  return back.pathname + back.search
}

/** What the pane gets by a sign-in to Google. */
export async function loginAtGoogle(
  ask: ReturnType<typeof asker>,
  permission: Permission,
  form: Record<string, string> = { allow: 'yes', scope: scopes[permission] },
  key = proofKey(),
): Promise<Login> {
  const begun = await ask('GET', googleLoginPath(key.challenge, { permission }))
  const back = await ask('GET', await atGoogle(begun.location, form))
  return { verifier: key.verifier, code: codeIn(back.location) }
}
