import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, inject, onTestFinished, test } from 'vitest'
import { endsWithUs } from '../../../src/simulator/service.ts'

const program = fileURLToPath(new URL('../../../dist/simulator/main.js', import.meta.url))

test('a taken port is named, with the setting that changes it', async () => {
  const { port } = new URL(inject('worlds')[0]?.outlook as string)
  const { said, exit } = await start({ PORT: port })
  expect(await exit).toBe(1)
  expect(said()).toMatch(`Port ${port} cannot be used`)
  expect(said()).toMatch('PORT')
})

test('a service that cannot start is quoted', async () => {
  const { said, exit } = await start({ PORT: '0', DATABASE_URL: 'not an address' })
  expect(await exit).toBe(1)
  expect(said()).toMatch('DATABASE_URL')
  expect(said()).toMatch('The service stopped by itself')
})

// Windows has no signals: there the console ends the program and all that it started.
const unixTest = test.skipIf(process.platform === 'win32')

unixTest('asked to stop while it starts, it is gone too', async () => {
  const { child, said, exit, folder } = await start({ PORT: '0' })
  await expect.poll(said).toMatch('Starting the database')
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
  expect(readdirSync(folder).filter((name) => name !== 'data')).toEqual([])
})

unixTest('asked to stop, it waits for no open request, and leaves nothing', async () => {
  const { child, said, exit, folder } = await start({ PORT: '0' })
  await expect.poll(said, { timeout: 150_000 }).toMatch('Ready: ')
  const [page = ''] = said().match(/https:\S+/) ?? []
  const [, port] = (await text(await open(`${page}simulator/service/log`))).match(/"port":(\d+)/) ?? []
  await reach(Number(port))

  // The ledger's stream never ends by itself.
  await open(`${page}simulator/ledger/stream`)
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
  await expect(reach(Number(port))).rejects.toThrow('ECONNREFUSED')
  expect(readdirSync(folder)).toEqual(['data'])
})

/** Starts the built program in a folder of its own. */
async function start(settings: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'start-'))
  const env = { ...process.env, BROWSER: 'none', TMPDIR: folder, DATA_DIR: join(folder, 'data'), ...settings }
  const child = spawn(process.execPath, ['--import', endsWithUs, program], { env })
  const exit = once(child, 'close').then(([code]) => code)
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      words += more
    })
  onTestFinished(async () => {
    child.kill()
    await exit
    await rm(folder, { recursive: true })
  })
  return { child, exit, folder, said: () => words }
}

/** Begins to read. Only a number is asked for, so anybody may answer. */
const open = (address: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    request(address, { rejectUnauthorized: false }, (response) => resolve(response.on('error', () => {})))
      .on('error', reject)
      .end()
  })

async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
}
