import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { exchangeProvider } from '../../../src/service/providers/exchange/exchange.ts'
import { Calendars } from '../../../src/simulator/calendars.ts'
import { addInId } from '../../../src/simulator/microsoft/app.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { responseOf } from '../../../src/simulator/microsoft/ews/soap.ts'
import { sampleUnlessWide } from '../../sample.ts'
import { openFailing, type Way, ways, xml } from './failing-exchange.ts'

// The answer that hangs, in each way of failing.

const calendars = new Calendars()
/** Whose changes were heard. */
const heard: string[] = []
const hearer = { changed: async (subject: string) => void heard.push(subject), missed: async () => {} }
const log = { info: () => {}, warn: () => {}, error: () => {} }
const provider = exchangeProvider(addInId, hearer, log)
afterAll(() => provider.stop())

const said = (word: 'OK' | 'Closed') =>
  responseOf('GetStreamingEvents', [
    { code: 'NoError', inside: `<m:ConnectionStatus>${word}</m:ConnectionStatus>` },
  ])
/** As such an answer begins, and then this. */
const begun =
  (more = ''): Way =>
  () =>
    xml(said('OK') + more, 200)

/** The same, and a server that is busy wants to be left alone for a second. */
const shortly =
  (how: Way): Way =>
  (operation) => {
    const came = how(operation)
    if (!(came instanceof Response)) return came
    const headers = new Headers(came.headers)
    if (headers.has('retry-after')) headers.set('retry-after', '1')
    const second = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, to) =>
        to.enqueue(
          Buffer.from(
            Buffer.from(bytes)
              .toString()
              .replace(/>(30|45)000</, '>1000<'),
          ),
        ),
    })
    return new Response(came.body?.pipeThrough(second) ?? null, { status: came.status, headers })
  }

const streamed: Record<string, Way> = {
  ...Object.fromEntries(Object.entries(ways).map(([name, { how }]) => [name, shortly(how)])),
  'nothing at all': () => new Promise<never>(() => {}),
  'a first word, and an end': begun(),
  'a first word, and a page': begun('<html></html>'),
  'a first word, and half of another one': begun(said('OK').slice(0, -30)),
  'a first word, and that this was all': begun(said('Closed')),
}

/** Milliseconds in which a server that fails at once is asked at most so often. */
const [observed, most] = [6_000, 3]

test.concurrent.each(sampleUnlessWide(Object.entries(streamed), 5))(
  'an answer that hangs, and is %s, is asked for again, less and less often, and then changes are heard',
  async (_, how) => {
    const account: ServerAccount = { name: 'tim', password: 'secret', failed: 0, ews: 'open' }
    const server = await openFailing([account], calendars)
    const times = 1_000
    const failing = { operation: 'GetStreamingEvents', times, how }
    server.failing = failing
    const mailbox = { ...server.mailbox('tim'), subject: `exch:tim at ${server.port}` }
    const { id } = await provider.subscribe(mailbox, '', AbortSignal.timeout(60_000))
    const asked = () => times - failing.times
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(0), { timeout: 20_000 })
    await pause(observed)
    expect(asked()).toBeLessThanOrEqual(most)
    delete server.failing
    const isHeard = () => provider.followed.get(id)?.isHeard
    await vi.waitFor(() => expect(isHeard()).toBe(true), { timeout: 60_000 })
    const at = { start: '2030-12-03T09:00:00Z', end: '2030-12-03T09:30:00Z' }
    calendars.put({ id: mailbox.subject, subject: 'One', ...at }, 'tim@contoso.example')
    await vi.waitFor(() => expect(heard).toContain(mailbox.subject), { timeout: 20_000 })
    await provider.unsubscribe(mailbox, { id })
    server.close()
    expect(account.failed).toBe(0)
  },
  120_000,
)
