import { createHmac, randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { z } from 'zod'
import { syncPaths, zoomEventsPath } from '../../contract/sync.ts'
import { isAllowed } from '../outbound/addresses.ts'
import { type Around, type Check, found } from './around.ts'
import { placeOf } from './public-address.ts'

// Whether vendors can tell the service what happened: each is asked as the vendor asks before it sends anything.

/** Whether the name leads into a private network here: the internet may see another address, or none. */
async function isInside(around: Around): Promise<boolean> {
  const addresses = await lookup(placeOf(around).host, { all: true })
  return addresses.some(({ address }) => !isAllowed(address, false))
}

export const graphWebhook: Check = {
  after: ['service'],
  concerns: ({ settings }) => settings.CALENDAR_SYNC && settings.ENTRA_CLIENT_SECRET !== undefined,
  async look(around, signal) {
    const { host } = placeOf(around)
    for (const path of Object.values(syncPaths)) {
      const token = randomBytes(16).toString('hex')
      const url = `${around.settings.PUBLIC_URL}${path}?validationToken=${token}`
      const answer = await fetch(url, { method: 'POST', redirect: 'manual', signal })
      if (answer.status !== 200 || (await answer.text()) !== token)
        return found('webhook_blocked', { path, host, status: answer.status })
    }
    return found((await isInside(around)) ? 'webhook_inside' : 'webhook_good', { vendor: 'Microsoft', host })
  },
}

const proof = z.object({ plainToken: z.string(), encryptedToken: z.string() })
const problem = z.object({ code: z.string() })

/** Each app of Zoom signs with a secret token of its own. */
const webhookOfZoom = (setting: 'ZOOM_WEBHOOK_SECRET_TOKEN' | 'ZOOM_USER_WEBHOOK_SECRET_TOKEN'): Check => ({
  after: ['service'],
  concerns: ({ settings }) => settings[setting] !== undefined,
  async look(around, signal) {
    const { host } = placeOf(around)
    const plainToken = randomBytes(16).toString('base64url')
    const body = JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken } })
    const time = String(Math.floor(Date.now() / 1000))
    const sign = (text: string) =>
      createHmac('sha256', around.settings[setting] ?? '')
        .update(text)
        .digest('hex')
    const headers = {
      'content-type': 'application/json',
      'x-zm-request-timestamp': time,
      'x-zm-signature': `v0=${sign(`v0:${time}:${body}`)}`,
    }
    const url = `${around.settings.PUBLIC_URL}${zoomEventsPath}`
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    const said: unknown = await answer.json().catch(() => undefined)
    if (proof.safeParse(said).data?.encryptedToken === sign(plainToken))
      return found((await isInside(around)) ? 'webhook_inside' : 'webhook_good', { vendor: 'Zoom', host })
    return problem.safeParse(said).data?.code === 'signature_refused'
      ? found('webhook_secret', { setting })
      : found('webhook_blocked', { path: zoomEventsPath, host, status: answer.status })
  },
})

export const zoomWebhook = webhookOfZoom('ZOOM_WEBHOOK_SECRET_TOKEN')
export const zoomUserWebhook = webhookOfZoom('ZOOM_USER_WEBHOOK_SECRET_TOKEN')
