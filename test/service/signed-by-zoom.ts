import { createHmac } from 'node:crypto'
import { credentials } from '../../src/simulator/zoom/apps.ts'

export const hmacOfZoom = (text: string, secret: string = credentials.webhookSecret) =>
  createHmac('sha256', secret).update(text).digest('hex')

/** Seconds since 1970, as Zoom writes the time of a request. */
export const zoomTime = (ago = 0) => String(Math.floor(Date.now() / 1000) - ago)

/** The headers that Zoom sends with a body. */
export const signedByZoom = (body: string, time = zoomTime(), secret?: string) => ({
  'x-zm-request-timestamp': time,
  'x-zm-signature': `v0=${hmacOfZoom(`v0:${time}:${body}`, secret)}`,
})
