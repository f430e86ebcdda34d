import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds before the second try. A person may be waiting. */
const wait = 200

/**
 * Sends a request that changes nothing. Sends it once more if the connection breaks, or if the server answers that it
 * is busy or has failed.
 */
export async function onceMore(send: () => Promise<Response>): Promise<Response> {
  const first = await send().catch(unlessBroken)
  if (first && first.status !== 429 && first.status < 500) return first
  await first?.body?.cancel()
  await pause(wait)
  return send()
}

/** Node names a code for a connection that breaks, and none for a timeout or a redirect. */
function unlessBroken(error: Error): undefined {
  if ((error.cause as { code?: unknown } | undefined)?.code === undefined) throw error
}
