import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CannotStart, exitCodes } from '../cannot-start.ts'
import type { TelemetrySettings } from './settings.ts'

/**
 * Answers `GET /metrics` at an address of its own: metrics tell strangers how many people there are. Resolves when it
 * listens. Throws an error for an administrator if it cannot.
 */
export async function serveMetrics(
  { METRICS_PORT: port, METRICS_HOST: host }: TelemetrySettings,
  contentType: string,
  scrape: () => Promise<string>,
) {
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics')
      return void response.writeHead(404).end()
    const text = await scrape().catch(() => undefined)
    if (text === undefined) return void response.writeHead(500).end()
    response.writeHead(200, { 'content-type': contentType }).end(text)
  })
  server.listen(port, host)
  await once(server, 'listening').catch((cause) => {
    throw new CannotStart(
      `METRICS_PORT: cannot listen at ${host}:${port} (${cause.code}). Stop the process that does, or correct METRICS_PORT and METRICS_HOST.`,
      exitCodes.later,
      cause,
    )
  })
  return {
    port: (server.address() as AddressInfo).port,
    close(): void {
      server.close().closeAllConnections()
    },
  }
}
