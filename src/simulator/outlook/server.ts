import type { Fault } from '../faults.ts'
import type { HostCall, Recorded } from '../ledger.ts'
import type { MailboxId } from '../mailboxes.ts'
import type { Appointment } from './item/appointment.ts'

/** What the page asks of the simulator's server, at its own origin. */

export const world = () => get<{ exchange: string }>('/simulator/world')

/** The add-in's manifest; null: there is none. */
export async function manifestText(): Promise<string | null> {
  const response = await fetch('/simulator/manifest')
  return response.ok ? response.text() : null
}

let recorded: Promise<unknown> = Promise.resolve()

/** Writes down what the add-in asks, one call after the other, and learns whether it is to go wrong. */
export function record(call: Omit<HostCall, 'kind'>): Promise<Fault | undefined> {
  const next = recorded.then(() => write(call))
  recorded = next
  return next
}

async function write(call: Omit<HostCall, 'kind'>): Promise<Fault | undefined> {
  try {
    return (await send<{ fault?: Fault }>('POST', '/simulator/host-calls', call)).fault
  } catch (error) {
    console.error('The ledger did not take', call.call, error)
    return undefined
  }
}

/** What the broker behind the nested app authentication bridge answers. */
export const broker = (mailbox: MailboxId, request: unknown) =>
  send<Record<string, unknown>>('POST', '/simulator/naa', { mailbox, request })

/** What the mailbox's Exchange server gives; undefined: it has none of its own. */
export async function exchangeToken(asked: {
  mailbox: MailboxId
  kind: 'identity' | 'callback'
  isRest?: boolean
}): Promise<string | undefined> {
  return (await send<{ token?: string }>('POST', '/simulator/exchange-tokens', asked)).token
}

export const appointments = () => get<Appointment[]>('/simulator/appointments')

export async function keep(appointment: Appointment): Promise<void> {
  await send('PUT', `/simulator/appointments/${encodeURIComponent(appointment.id ?? '')}`, appointment)
}

export async function discard(appointment: Appointment): Promise<void> {
  await send('DELETE', `/simulator/appointments/${encodeURIComponent(appointment.id ?? '')}`)
}

export async function reset(): Promise<void> {
  await send('POST', '/simulator/reset')
}

/** Tells of every entry of the ledger, old ones too; an entry comes again when its status is known. */
export function followLedger(reader: (entry: Recorded) => void): () => void {
  const stream = new EventSource('/simulator/ledger/stream')
  stream.onmessage = ({ data }) => reader(JSON.parse(data))
  return () => stream.close()
}

async function get<T>(path: string): Promise<T> {
  return answer(await fetch(path))
}

async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) }
  return answer(await fetch(path, { method, headers: { 'content-type': 'application/json' }, ...init }))
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 200)}`)
  return (text ? JSON.parse(text) : undefined) as T
}
