import { serve } from '@hono/node-server'
import type { Hono } from 'hono'

/** A stand-in on a port of its own, over plain HTTP. `make` learns the origin before anything is asked. */
export async function opened<Vendor extends { app: Hono }>(make: (origin: string) => Vendor) {
  let vendor: Vendor | undefined
  const server = serve({
    fetch: (request, env) => vendor?.app.fetch(request, env) ?? new Response(null, { status: 503 }),
    hostname: '127.0.0.1',
    port: 0,
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`
  vendor = make(origin)
  return {
    ...vendor,
    origin,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
