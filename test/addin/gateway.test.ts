import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createClient } from '../../src/browser/client.ts'

test('a request that a gateway answers with JSON of its own is repeated once, and is then unreachable', async () => {
  let requests = 0
  const gateway = createServer((_request, response) => {
    requests++
    response.writeHead(502, { 'content-type': 'application/json' }).end('{"message":"Bad Gateway"}')
  })
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void gateway.close())
  const { port } = gateway.address() as AddressInfo
  const { send } = createClient(`http://127.0.0.1:${port}`, async () => 'proof')
  await expect(send('GET', '/bootstrap')).rejects.toMatchObject({ code: 'service_unreachable' })
  expect(requests).toBe(2)
})
