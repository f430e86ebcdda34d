import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createCisco } from '../../../src/simulator/cisco/device.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { webSockets } from '../../../src/simulator/kit/origins.ts'
import type { World } from '../kit.ts'

/** A room device of Cisco at an address of its own, with a certificate that it has signed itself. */
export async function openDevice({ faults, zoom }: Pick<World, 'faults' | 'zoom'>) {
  const { key, cert } = await makeCertificate(new Date())
  const device = createCisco({ faults, dial: zoom.dialled })
  const server = createAdaptorServer({
    fetch: device.app.fetch,
    createServer,
    serverOptions: { key, cert },
    websocket: { server: webSockets() },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...device,
    host: `127.0.0.1:${port}`,
    origin: `https://127.0.0.1:${port}`,
    cert,
    /** As a person reads it on the device. */
    pin: new X509Certificate(cert).fingerprint256,
    pinInHex: createHash('sha256').update(new X509Certificate(cert).raw).digest('hex'),
    async close() {
      device.turnOff()
      server.close()
      await once(server, 'close')
    },
  }
}
