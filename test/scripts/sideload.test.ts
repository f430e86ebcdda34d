import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../src/simulator/kit/certificate.ts'
import { temporaryFolder } from '../../src/simulator/kit/temporary.ts'

const script = fileURLToPath(new URL('../../scripts/sideload.mjs', import.meta.url))
const manifest = readFileSync('manifest.xml', 'utf8')
const kept = 'artifacts/sideload/manifest.xml'

test('the manifest of a deployment is checked and kept, with what to do in a browser', async () => {
  const { sideload, at } = await deployment(manifest)
  const { code, said } = await sideload()
  expect({ code, said }).toMatchObject({ code: 0 })
  expect(said).toContain(`Zoom for Outlook 0.1.0.0: ${kept}`)
  expect(said).toContain('https://aka.ms/olksideload')
  expect(readFileSync(at(kept), 'utf8')).toBe(manifest)
})

test.skipIf(process.platform === 'win32')(
  'on Windows Microsoft’s tool, in one version, puts it into classic Outlook and takes it out again',
  async () => {
    const { sideload, at } = await deployment(manifest)
    expect((await sideload({ windows: true })).code).toBe(7)
    expect((await sideload({ windows: true, args: ['--stop'] })).code).toBe(7)
    expect(readFileSync(at('ran'), 'utf8').split('\n')).toEqual([
      expect.stringMatching(
        /npx --yes office-addin-debugging@\d+\.\d+\.\d+ start artifacts\/sideload\/manifest.xml desktop --no-debug/,
      ),
      expect.stringMatching(
        /npx --yes office-addin-debugging@\d+\.\d+\.\d+ stop artifacts\/sideload\/manifest.xml/,
      ),
      '',
    ])
  },
)

test.each<[string, string, string[], RegExp]>([
  ['no address of a service', manifest, ['manifest.xml'], /^Give the address of the service/],
  [
    'a service that does not answer',
    manifest,
    ['https://localhost:2'],
    /^https:\/\/localhost:2\/manifest.xml does not answer \(ECONNREFUSED\)\.$/,
  ],
  ['a page that is no manifest', '<html></html>', [], /is no manifest/],
  ['an answer that is an error', '', [], /answers with the status 404\.$/],
  ['nothing to take out', manifest, ['--stop'], /^Nothing was sideloaded from this folder\.$/],
])('%s is one sentence', async (_, answer, args, sentence) => {
  const { sideload, at } = await deployment(answer)
  const { code, said } = await sideload(args.length > 0 ? { args } : {})
  expect(code).toBe(1)
  expect(said.trim()).toMatch(sentence)
  if (args.length > 0) expect(existsSync(at(kept))).toBe(false)
})

/** A service that answers with this manifest, and a folder of a developer. Empty: it has none. */
async function deployment(answer: string) {
  const { path: folder, remove } = temporaryFolder()
  const certificate = await makeCertificate(new Date())
  const server = createServer(certificate, (_, response) =>
    response.writeHead(answer ? 200 : 404).end(answer),
  )
  server.listen(0, 'localhost')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close().closeAllConnections()
    await remove()
  })
  const at = (name: string) => join(folder, name)
  writeFileSync(at('ca.pem'), certificate.cert)
  // What runs a command on Windows. It ends with a code of its own.
  writeFileSync(at('comspec'), `#!/bin/sh\necho "$@" >> '${at('ran')}'\nexit 7\n`)
  chmodSync(at('comspec'), 0o755)
  const address = `https://localhost:${(server.address() as AddressInfo).port}`

  async function sideload({ args = [address], windows = false } = {}) {
    const platform = `Object.defineProperty(process, 'platform', { value: '${windows ? 'win32' : 'linux'}' })`
    const as = `data:text/javascript,${encodeURIComponent(platform)}`
    const child = spawn(process.execPath, ['--import', as, script, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: at('ca.pem'), comspec: at('comspec') },
    })
    const [printed, complained, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])
    return { code, said: printed + complained }
  }
  return { sideload, at }
}
