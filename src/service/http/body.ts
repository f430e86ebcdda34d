import type { IncomingMessage } from 'node:http'
import { Problem } from '../../contract/problems.ts'
import { FetchFailed, textOf } from '../outbound/guarded-fetch.ts'

/** The body of a request as text, whether or not it says its size. Throws `too_large`. `largest`: in bytes. */
export async function bodyOf(incoming: IncomingMessage, largest: number): Promise<string> {
  if (Number(incoming.headers['content-length'] ?? 0) > largest) throw new Problem('too_large')
  return textOf(incoming.iterator({ destroyOnReturn: false }), largest).catch((error) => {
    // The next request over this connection would wait for what is left.
    incoming.resume()
    throw error instanceof FetchFailed ? new Problem('too_large') : error
  })
}
