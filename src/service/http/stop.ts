import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as SecureServer } from 'node:tls'

/** Milliseconds that an answer may take after the signal: longer than any act. */
const longest = 30_000

/** The same signal, so many milliseconds later: who sends requests here learns meanwhile that it should not. */
export function withDelay(signal: AbortSignal, milliseconds: number): AbortSignal {
  if (milliseconds === 0) return signal
  const later = new AbortController()
  const begin = () => setTimeout(() => later.abort(), milliseconds)
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return later.signal
}

/**
 * Resolves when the server has closed after `signal`. Requests that have come as a whole are answered. A connection
 * without one is closed at once: Node would wait for the rest of its request for ever.
 */
export async function closedAfter(server: Server, signal: AbortSignal): Promise<void> {
  /** The request that each connection brings. */
  const connections = new Map<Socket, IncomingMessage | undefined>()
  const arrives = server instanceof SecureServer ? 'secureConnection' : 'connection'
  server.on(arrives, (socket: Socket) => {
    connections.set(socket, undefined)
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    connections.set(socket, request)
    response.once('close', () => {
      if (connections.has(socket)) connections.set(socket, undefined)
      if (signal.aborted) socket.destroySoon()
    })
  })
  if (!signal.aborted) await once(signal, 'abort')
  const closed = once(server, 'close')
  server.close()
  for (const [socket, request] of connections) if (!request?.complete) socket.destroy()
  setTimeout(() => server.closeAllConnections(), longest).unref()
  await closed
}
