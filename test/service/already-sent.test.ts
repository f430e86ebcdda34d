import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { expect, test } from 'vitest'

test('what a route writes itself is the whole answer, although a server was made before', async () => {
  let answer: (outgoing: HttpBindings['outgoing']) => Response = () => new Response()
  const listener = getRequestListener(async (_, { outgoing }) => answer(outgoing as HttpBindings['outgoing']))
  const { alreadySent } = await import('../../src/service/http/already-sent.ts')
  answer = (outgoing) => {
    outgoing.write('begun')
    setImmediate(() => outgoing.end(' and ended'))
    return alreadySent()
  }
  const server = createServer(listener).listen(0)
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('begun and ended')
  } finally {
    server.close()
  }
})
