import type { IncomingMessage } from 'node:http'
import { Problem } from '../../contract/problems.ts'
import { FetchFailed, textOf } from '../outbound/guarded-fetch.ts'

/** The body of a request as text, whether or not it says its size. Throws `too_large`. `largest`: in bytes. */
export async function bodyOf(incoming: IncomingMessage, largest: number): Promise<string> {
  if (Number(incoming.headers['content-length'] ?? 0) > largest) throw new Problem('too_large')
  // The server reads what is left and drops it, unless it is destroyed: the next request over this connection waits for that.
  return textOf(incoming.iterator({ destroyOnReturn: false }), largest).catch((error) => {
    throw error instanceof FetchFailed ? new Problem('too_large') : error
  })
}
