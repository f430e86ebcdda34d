import type { Server } from 'node:http'
import { createServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { CannotStart, exitCodes } from '../cannot-start.ts'
import type { Log } from '../log.ts'
import { type Certificate, type CertificateFiles, certificateFaults, readCertificate } from './certificate.ts'

/** Milliseconds between two looks at the files of the certificate, and that a TLS handshake may take. */
const [lookEvery, handshakeTimeout] = [2_000, 10_000]
const minVersion = 'TLSv1.2'
/** Milliseconds until an idle connection is closed. Most balancers keep theirs for a minute, and must be the first to close. */
const keepAliveTimeout = 65_000
const day = 24 * 60 * 60 * 1000

type Fetch = Parameters<typeof serve>[0]['fetch']
type Where = CertificateFiles & { PORT: number }

/** Listens with TLS if there is a certificate, otherwise with plain HTTP. Resolves when it does; rejects if it cannot. */
export async function listen(fetch: Fetch, settings: Where, log: Log, signal: AbortSignal) {
  const certificate = settings.TLS_CERT_FILE ? readCertificate(settings, Date.now()) : undefined
  // The settings were read a moment ago. Somebody has changed the files since.
  if (typeof certificate === 'string') throw new CannotStart(certificateFaults[certificate])
  const server = serve({
    fetch,
    port: settings.PORT,
    ...(certificate && {
      createServer,
      serverOptions: { ...certificate, minVersion, handshakeTimeout },
    }),
  }) as Server
  server.keepAliveTimeout = keepAliveTimeout
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject)).catch(
    (error) => {
      throw whyNotListening(error, settings.PORT) ?? error
    },
  )
  if (certificate) keepRenewed(server as Server & SecureServer, certificate, settings, log, signal)
  return { server, port: (server.address() as AddressInfo).port }
}

function whyNotListening(error: NodeJS.ErrnoException, port: number): CannotStart | undefined {
  if (error.code === 'EADDRINUSE')
    return new CannotStart(
      `PORT ${port} is in use by another process. Stop that one, or set PORT to another number.`,
      exitCodes.later,
      error,
    )
  if (error.code === 'EACCES')
    return new CannotStart(
      `The service may not listen at PORT ${port}. Set PORT to 1024 or more, or give the service that right.`,
      exitCodes.settings,
      error,
    )
  return undefined
}

/**
 * Uses a renewed certificate for every connection that begins from then on. Connections go on with the one that they
 * have. The files are read, not watched: a container's secret is often replaced by a link that points elsewhere.
 */
function keepRenewed(
  server: SecureServer,
  used: Certificate,
  files: CertificateFiles,
  log: Log,
  signal: AbortSignal,
): void {
  let current = used
  let [faults, warned] = [0, Number.NEGATIVE_INFINITY]
  const look = (): void => {
    const now = Date.now()
    const found = readCertificate(files, now, current)
    if (typeof found === 'string') {
      // At the first look one of the two files may be new and the other one old.
      if (++faults === 2) log.warn('certificate not renewed', { reason: found })
    } else faults = 0
    if (typeof found !== 'string' && found !== current) {
      server.setSecureContext({ ...found, minVersion })
      log.info('certificate renewed', { days: daysUntil(found.ends, now) })
      current = found
      warned = Number.NEGATIVE_INFINITY
    }
    const soon = (current.ends - current.begins) / 10
    if (current.ends - now < soon && now - warned > day) {
      log.warn('certificate ends', { days: daysUntil(current.ends, now) })
      warned = now
    }
  }
  const timer = setInterval(look, lookEvery).unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  look()
}

const daysUntil = (end: number, now: number) => Math.max(0, Math.floor((end - now) / day))
