import { feedPaths } from '../../contract/feed.ts'

/** Milliseconds. */
const deadline = 10_000

/**
 * Why the service cannot sign anybody in, as a sentence with what to do. Undefined: it can. Without this the person reads an
 * error page of their browser, and the companion says nothing.
 */
export async function whyUnreachable(origin: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(deadline)])
    const { ok, status } = await fetch(`${origin}${feedPaths.metadata}`, { redirect: 'error', signal: until })
    if (ok) return undefined
    return `${origin} lets no app sign in (${status}). Check the address, or ask your administrator.`
  } catch (error) {
    const { code } = Object((error as Error).cause) as { code?: unknown }
    return /CERT|SIGNATURE/.test(String(code))
      ? `This computer does not trust the certificate of ${origin} (${code}). Name the file of its authority in NODE_EXTRA_CA_CERTS, and start the companion again.`
      : `${origin} does not answer${code ? ` (${code})` : ''}. Check the address and the network.`
  }
}
