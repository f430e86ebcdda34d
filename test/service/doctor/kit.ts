import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import * as tls from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import { proxy } from 'hono/proxy'
import { generate } from 'selfsigned'
import { onTestFinished, vi } from 'vitest'
import { doctorCommand } from '../../../src/service/doctor/command.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { openWorld, variables } from '../kit.ts'

/** Whether this Node can be told to trust another certificate without a new process. */
export const canTrust = 'setDefaultCACertificates' in tls

type Environment = Record<string, string | undefined>
type Certificate = Pick<Awaited<ReturnType<typeof makeCertificate>>, 'key' | 'cert'>

const day = 24 * 3600_000

/** A deployment as an administrator has it: the service behind a proxy with TLS, and the settings to look at it with. */
export async function openDeployment() {
  const trusted = [...tls.getCACertificates('default')]
  const trust = ({ cert }: Certificate) => tls.setDefaultCACertificates([...trusted, cert])
  const certificate = await makeCertificate(new Date())
  trust(certificate)

  let service = ''
  /** What the proxy answers by itself. Undefined: it passes the request on. */
  let instead: (request: Request) => Response | undefined = () => undefined
  const server = createServer(
    certificate,
    getRequestListener(async (request) => {
      const { pathname, search } = new URL(request.url)
      return instead(request) ?? proxy(service + pathname + search, { raw: request })
    }),
  )
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const PUBLIC_URL = `https://localhost:${port}`

  const world = await openWorld('PostgreSQL')
  service = (await world.startService({ PUBLIC_URL })).origin
  const environment: Environment = { ...variables, PUBLIC_URL, DATABASE_URL: world.settings.DATABASE_URL }

  return {
    world,
    PUBLIC_URL,

    /** Until the end of the test, the proxy shows this certificate, which is trusted, or accepts other versions of TLS. */
    secure(context: tls.SecureContextOptions, trusts: Certificate = certificate) {
      trust(trusts)
      server.setSecureContext({ ...certificate, ...context })
      onTestFinished(() => {
        trust(certificate)
        server.setSecureContext(certificate)
      })
    },

    /** Until the end of the test, the proxy answers some requests by itself. */
    answer(by: typeof instead) {
      instead = by
      onTestFinished(() => {
        instead = () => undefined
      })
    },

    /** What the doctor prints with the settings of the deployment, but for these. */
    async doctor(changes: Environment = {}, ...args: string[]) {
      for (const [name, value] of Object.entries({ ...environment, ...changes })) vi.stubEnv(name, value)
      const printed: string[] = []
      const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line))
      const code = await doctorCommand(args).finally(() => {
        log.mockRestore()
        vi.unstubAllEnvs()
      })
      return { code, printed: printed.join('\n') }
    },

    async close() {
      tls.setDefaultCACertificates(trusted)
      await world.close()
      server.close().closeAllConnections()
    },
  }
}

/** One whose life ends in so many days. */
export const certificateFor = (days: number) => makeCertificate(new Date(Date.now() + (days - 30) * day))

/** One that names another host. */
export async function certificateOf(host: string): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 30 * day),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  })
  return { key, cert }
}
