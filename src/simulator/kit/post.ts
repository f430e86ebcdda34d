import { request as http } from 'node:http'
import { request as https } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Post } from '../vendor.ts'

/** How vendors name themselves when they call the service, so that the edge knows that it is not the add-in. */
export const vendorAgent = 'Simulated vendor'

/** `trusted`: the certificate of the simulated edge, PEM. */
export const poster =
  (trusted?: string): Post =>
  (url, { body = '', headers = {}, deadline }) =>
    new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        headers: { 'user-agent': vendorAgent, ...headers },
        signal: AbortSignal.timeout(deadline),
        ...(trusted !== undefined && { ca: trusted }),
      }
      const send = url.startsWith('https:') ? https : http
      send(url, options, async (response) => {
        try {
          const type = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
          resolve({ status: response.statusCode ?? 0, type, text: await text(response) })
        } catch (error) {
          reject(error)
        }
      })
        .on('error', reject)
        .end(body)
    })
