import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import type { Certificate } from './certificate.ts'
import { OperationalError } from './operational-error.ts'

/** One address of the world. It answers 503 until `serve` is called. */
export interface Origin {
  url: string
  serve(app: Hono): void
  /** Shows this certificate from now on, also to who is connected now. */
  show(certificate: Pick<Certificate, 'key' | 'cert'>): void
  closed: Promise<unknown>
}

/** Opens one port for each name: consecutive ports from `first`, or any free row of ports. The signal closes them. */
export async function openOrigins<Name extends string>(
  names: readonly Name[],
  first: number | 'anywhere',
  certificate: Certificate,
  signal: AbortSignal,
): Promise<Record<Name, Origin>> {
  if (first !== 'anywhere') return openRow(names, first, certificate, signal)
  for (let attempt = 1; ; attempt++) {
    try {
      return await openRow(names, 20_000 + Math.floor(Math.random() * 10_000), certificate, signal)
    } catch (error) {
      if (attempt === 20) throw error
    }
  }
}

async function openRow<Name extends string>(
  names: readonly Name[],
  first: number,
  certificate: Certificate,
  signal: AbortSignal,
): Promise<Record<Name, Origin>> {
  const retreat = new AbortController()
  const until = AbortSignal.any([signal, retreat.signal])
  const row: Partial<Record<Name, Origin>> = {}
  try {
    for (const [index, name] of names.entries()) row[name] = await open(first + index, certificate, until)
    return row as Record<Name, Origin>
  } catch (error) {
    retreat.abort()
    await Promise.all(Object.values<Origin | undefined>(row).map((origin) => origin?.closed))
    throw error
  }
}

/** A browser may use either address for `localhost`, so another program must not listen on one of them. */
const loopback = ['127.0.0.1', '::1']

async function open(port: number, { key, cert }: Certificate, signal: AbortSignal): Promise<Origin> {
  let app: Hono | undefined
  const servers = loopback.map(() =>
    createAdaptorServer({
      fetch: (request, env) => app?.fetch(request, env) ?? new Response('Starting', { status: 503 }),
      createServer,
      serverOptions: { key, cert },
      websocket: { server: webSockets() },
    }),
  )
  const close = () => Promise.all(servers.map(shut))
  try {
    await Promise.all(servers.map((server, index) => listen(server, port, loopback[index])))
  } catch (error) {
    await close()
    throw new OperationalError(
      `Port ${port} cannot be used (${codeOf(error)}). Stop the program that uses it, or set PORT to another number.`,
    )
  }
  const serve = (given: Hono) => {
    app = given
  }
  let shown = cert
  const show = (certificate: Pick<Certificate, 'key' | 'cert'>) => {
    if (certificate.cert === shown) return
    shown = certificate.cert
    for (const server of servers as Server[]) {
      server.setSecureContext(certificate)
      server.closeAllConnections()
    }
  }
  return { url: `https://localhost:${port}`, serve, show, closed: whenAborted(signal).then(close) }
}

type WebSockets = NonNullable<NonNullable<Parameters<typeof createAdaptorServer>[0]['websocket']>['server']>
/** Of one server. `ws` and Hono say the same in types that do not fit. */
export const webSockets = () => new WebSocketServer({ noServer: true }) as unknown as WebSockets

async function listen(server: ServerType, port: number, host: string | undefined): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const machineWithout = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))
    if (!(host === '::1' && machineWithout)) throw error
  }
}

async function shut(server: ServerType): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  if ('closeAllConnections' in server) server.closeAllConnections()
  await closed
}

export async function whenAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code)
