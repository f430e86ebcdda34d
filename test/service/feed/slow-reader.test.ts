import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { newId, streams } from '../../../src/service/feed/streams.ts'

const subject = 'entra:one:two'
/** Bytes that Node keeps of what a reader has not taken, before it says that the reader is slow: about so many. */
const kept = 256 * 1024

/** A stream over HTTP whose reader takes nothing, and what has filled the buffers of the operating system. */
async function slowReader() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const open = streams(async (sessions) => new Set(sessions))
  let answer: ServerResponse | undefined
  const server = createServer((_, response) => {
    answer = response
    open.open(response, { subject, session: '1' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1')
  reader.on('error', () => {})
  reader.pause()
  reader.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n')
  await expect.poll(() => open.count()).toBe(1)
  const hint = () => {
    open.changed(subject, newId())
    vi.advanceTimersByTime(250)
  }
  /** The system takes megabytes before anything waits in this process. */
  async function fill() {
    while (!answer?.writableNeedDrain) {
      for (let count = 0; count < 2_000 && !answer?.writableNeedDrain; count++) {
        open.changed(subject, newId())
        vi.advanceTimersByTime(250)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { open, reader, hint, fill, waiting: () => answer?.writableLength ?? 0 }
}

test('an app that reads nothing costs the service no more memory, however many hints there are, and then gets one for all', async () => {
  const { open, reader, hint, fill, waiting } = await slowReader()
  await fill()
  const before = waiting()
  expect(before).toBeLessThan(kept)
  open.changed(subject, newId(), 'access')
  for (let count = 0; count < 200; count++) hint()
  expect(waiting()).toBe(before)
  let text = ''
  reader.on('data', (bytes) => {
    text = (text + bytes).slice(-2_000)
  })
  reader.resume()
  await expect.poll(waiting).toBe(0)
  const last = () =>
    /event: changed\r?\nid: (\S+)\r?\ndata:/.exec(text.slice(text.lastIndexOf('event:')))?.[1]
  await expect.poll(last).toMatch(/^[\w-]{16}$/)
  expect(text.slice(text.lastIndexOf('event: access'))).toMatch(/^event: access\ndata:\n\nevent: changed\n/)
  const one = last()
  hint()
  await expect.poll(last).not.toBe(one)
})

test('an app that reads nothing for 75 seconds is cut off', async () => {
  const { open, reader, fill } = await slowReader()
  const closed = new Promise<void>((resolve) => reader.once('close', () => resolve()))
  await fill()
  vi.advanceTimersByTime(50_000)
  expect(open.count()).toBe(1)
  vi.advanceTimersByTime(26_000)
  expect(open.count()).toBe(0)
  reader.resume()
  await closed
})
