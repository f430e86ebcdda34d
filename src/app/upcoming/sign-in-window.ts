import { Problem } from '../../contract/problems.ts'
import type { Session } from '../session.ts'
import { beginSignIn } from '../sign-in.ts'

/** Between the window of the sign-in and this page. Nothing is stored for it, and Entra's page need not know its opener. */
const channelName = 'upcoming sign-in'
const redirect = () => `${location.origin}/upcoming/`

/**
 * Opens the sign-in in a window of its own, so that this page keeps the verifier in memory. Resolves when the person has
 * signed in; never, if they close the window. Throws `sign_in_window_blocked`, and what `SignIn.finish` throws.
 */
export async function signInByWindow(): Promise<Session> {
  // Before anything is waited for: a browser allows a window only right after the click.
  const opened = window.open('about:blank', '_blank', 'popup,width=520,height=680')
  if (!opened) throw new Problem('sign_in_window_blocked')
  const signIn = await beginSignIn({
    origin: location.origin,
    client: 'upcoming',
    redirect: redirect(),
    scope: 'feed',
  })
  const channel = new BroadcastChannel(channelName)
  try {
    const answer = new Promise<URLSearchParams>((resolve) => {
      channel.onmessage = ({ data }) => {
        const query = new URLSearchParams(String(data))
        // Another tab of this page may sign in at the same time.
        if (query.get('state') === signIn.state) resolve(query)
      }
    })
    opened.location.replace(signIn.address)
    return await signIn.finish(await answer)
  } finally {
    channel.close()
  }
}

/** Whether this page is the end of a sign-in: then it hands the answer over, and closes. */
export function handOver(): boolean {
  const query = location.search
  if (!new URLSearchParams(query).has('state')) return false
  history.replaceState(null, '', location.pathname)
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(query)
  channel.close()
  window.close()
  return true
}
