import { X509Certificate } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../src/service/all-settings.ts'
import { newKey, quarterlyReview, untilHeld } from '../kit.ts'
import { engines, openWorld, variables, type World } from './kit.ts'

const host = 'addin.contoso.example'
/** Milliseconds in which the service looks at its files more than once. */
const severalLooks = 6_000
const day = 24 * 60 * 60 * 1000
const inDays = (days: number) => new Date(Date.now() + days * day)

let certificates = 0
/** A certificate and its key, as PEM, that is valid from and until so many days from now. */
async function made(from = -30, until = 60, name = host) {
  // A client that trusts two of one name takes either for the issuer of both.
  const value = `certificate ${++certificates}`
  const { cert, private: key } = await generate([{ name: 'commonName', value }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: inDays(from),
    notAfterDate: inDays(until),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  })
  return { cert, key }
}

const folder = mkdtempSync(join(tmpdir(), 'tls-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
/** Writes a file as programs that renew certificates do: whoever reads it finds the old one or the new one. */
function written(content: string, path = join(folder, String(++files))): string {
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
  return path
}
const filesOf = ({ cert, key }: { cert: string; key: string }) => ({
  TLS_CERT_FILE: written(cert),
  TLS_KEY_FILE: written(key),
})

describe('a service with a certificate', () => {
  let world: World
  let certificate: Awaited<ReturnType<typeof made>>
  let renewed: typeof certificate
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) as (typeof engines)[number])
    certificate = await made()
    renewed = await made()
  })
  afterAll(() => world.close())

  async function start(pair = certificate) {
    const paths = filesOf(pair)
    const service = await world.startService({ PUBLIC_URL: `https://${host}`, ...paths })
    onTestFinished(service.stop)
    const port = Number(new URL(service.origin).port)
    /** One request to `host`, which only these certificates may prove. */
    const ask = (path: string, options: RequestOptions = {}, body?: object) =>
      new Promise<{ status: number; said: string; cert: string }>((resolve, reject) => {
        const to = { host: '127.0.0.1', port, path, servername: host, ca: [pair.cert, renewed.cert] }
        request({ agent: false, ...to, ...options }, async (response) => {
          const cert = String(new X509Certificate((response.socket as TLSSocket).getPeerCertificate().raw))
          resolve({ status: response.statusCode as number, said: await text(response), cert })
        })
          .on('error', reject)
          .end(body && JSON.stringify(body))
      })
    const token = await world.token()
    const put = (agent: Agent) =>
      ask(
        `/meetings/${newKey()}`,
        {
          method: 'PUT',
          agent,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(JSON.stringify(quarterlyReview)),
          },
        },
        quarterlyReview,
      )
    return { ...service, ...paths, port, ask, put }
  }
  const isServed = (pair: { cert: string }) => expect.objectContaining({ cert: plain(pair.cert) })
  const plain = (pem: string) => String(new X509Certificate(pem))
  const logged = (line: string) =>
    world.logged.map((text) => JSON.parse(text)).filter(({ msg }) => msg === line)

  test('speaks TLS 1.2 and 1.3, and neither TLS 1.1 nor plain HTTP', async () => {
    const { ask, port } = await start()
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const only = { minVersion: version, maxVersion: version }
      expect(await ask('/livez', only)).toMatchObject({ status: 200, said: 'ok' })
    }
    // An old client: what OpenSSL would refuse by itself is allowed here, so that the service has to.
    const old = connect({
      ...{ host: '127.0.0.1', port, servername: host, ca: certificate.cert },
      ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    })
    const refused = await new Promise<Error & { code?: string }>((resolve, reject) => {
      old.once('secureConnect', () => reject(new Error('TLS 1.1 was accepted'))).once('error', resolve)
    })
    expect(refused.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow()
  })

  test('serves a renewed one to the next connection, and loses no connection that there is', async () => {
    const { ask, put, ...paths } = await start()
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const waiting = put(agent)
    await untilHeld(world.faults)
    written(renewed.key, paths.TLS_KEY_FILE)
    written(renewed.cert, paths.TLS_CERT_FILE)
    await expect.poll(() => ask('/livez')).toEqual(isServed(renewed))
    await world.faults.release()
    expect(await waiting).toMatchObject({ status: 200, cert: plain(certificate.cert) })
    expect(await ask('/livez', { agent })).toEqual(isServed(certificate))
    expect(logged('certificate renewed')).toMatchObject([{ level: 30, days: 59 }])
  })

  test('goes on with it where the new one cannot be used, and says so once', async () => {
    const { ask, ...paths } = await start()
    const before = logged('certificate not renewed').length
    written(renewed.cert, paths.TLS_CERT_FILE)
    await expect.poll(() => logged('certificate not renewed').slice(before)).toHaveLength(1)
    expect(logged('certificate not renewed').at(-1)).toMatchObject({ level: 40, reason: 'key_of_another' })
    expect(await ask('/livez')).toEqual(isServed(certificate))
    await pause(severalLooks)
    written(renewed.key, paths.TLS_KEY_FILE)
    await expect.poll(() => ask('/livez')).toEqual(isServed(renewed))
    expect(logged('certificate not renewed').slice(before)).toHaveLength(1)
  })

  test('warns once a day when a tenth of its time is left', async () => {
    const { stop } = await start(await made(-90, 11))
    await stop()
    expect(logged('certificate ends')).toEqual([])
    await start(await made(-92, 9))
    await pause(severalLooks)
    expect(logged('certificate ends')).toMatchObject([{ level: 40, days: 8 }])
  })

  test('that stops answers what it has accepted', async () => {
    const { ask, put, stop } = await start()
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    expect(await ask('/livez', { agent })).toMatchObject({ status: 200 })
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const waiting = put(agent)
    await untilHeld(world.faults)
    const stopped = stop()
    await expect.poll(() => ask('/livez').catch(({ code }) => code)).toBe('ECONNREFUSED')
    await world.faults.release()
    expect(await waiting).toMatchObject({ status: 200 })
    await stopped
  })
})

describe('a certificate with which the service does not start', () => {
  const refusal = (settings: Record<string, string>) => {
    try {
      readSettings({ ...variables, PUBLIC_URL: `https://${host}`, ...settings })
      return 'accepted'
    } catch (error) {
      return (error as Error).message
    }
  }

  test('is one without its key, and a key without its certificate', async () => {
    const { TLS_CERT_FILE, TLS_KEY_FILE } = filesOf(await made())
    expect(refusal({ TLS_CERT_FILE, TLS_KEY_FILE })).toBe('accepted')
    expect(refusal({ TLS_CERT_FILE })).toContain('TLS_CERT_FILE and TLS_KEY_FILE need each other')
    expect(refusal({ TLS_KEY_FILE })).toContain('TLS_CERT_FILE and TLS_KEY_FILE need each other')
  })

  test('is one that cannot be read, is no PEM, has another key, is for another host, or not valid today', async () => {
    const [good, other] = [await made(), await made()]
    const TLS_CERT_FILE = written('no certificate')
    const cases = {
      'TLS_CERT_FILE names a file that cannot be read': { TLS_CERT_FILE: folder },
      'TLS_KEY_FILE names a file that cannot be read': { TLS_KEY_FILE: join(folder, 'none') },
      'TLS_CERT_FILE must name a PEM file': { TLS_CERT_FILE },
      'TLS_KEY_FILE must name a PEM file': { TLS_KEY_FILE: written('no key') },
      'TLS_KEY_FILE must name the private key': { TLS_KEY_FILE: written(other.key) },
      'a certificate that is not valid yet': filesOf(await made(1)),
      'a certificate that has expired': filesOf(await made(-30, -1)),
      'a certificate that is not for the host': filesOf(await made(-30, 60, 'other.contoso.example')),
    }
    for (const [says, settings] of Object.entries(cases))
      expect(refusal({ ...filesOf(good), ...settings }), says).toContain(says)
  })
})
