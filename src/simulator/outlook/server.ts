import type { Fault, MetFault } from '../kit/faults.ts'
import type { HostCall, Recorded } from '../kit/ledger.ts'
import type { MailboxId } from '../people.ts'
import type { Appointment } from './item/appointment.ts'

/** Requests of the page to the simulator's server, at its own origin. */

export const world = () => get<{ exchange: string }>('/simulator/world')

export interface Message {
  subject: string
  text: string
}

/** What was put into the Inbox of a mailbox on the Exchange server. */
export const inbox = (mailbox: MailboxId) => get<Message[]>(`/simulator/exchange-inboxes/${mailbox}`)

/** The add-in's manifest; null: there is none. */
export async function manifestText(): Promise<string | null> {
  const response = await fetch('/simulator/manifest')
  return response.ok ? response.text() : null
}

type Told = Omit<HostCall, 'kind'> & {
  /** Office.js makes the call by itself: it is not in the ledger. */
  unrecorded?: boolean
}

/** Calls that have not been sent yet. Undefined: no request is in progress. */
let waiting: { call: Told; resolve(fault: MetFault | undefined): void }[] | undefined

/**
 * Records a call of the add-in, in order, and resolves with the fault that is set for it. Calls made during a request go
 * together in the next one, so a call waits for at most two requests.
 */
export function record(call: Told): Promise<MetFault | undefined> {
  return new Promise((resolve) => {
    if (waiting) return void waiting.push({ call, resolve })
    waiting = [{ call, resolve }]
    tell()
  })
}

async function tell(): Promise<void> {
  while (waiting?.length) {
    const now = waiting
    waiting = []
    const faults = await write(now.map(({ call }) => call))
    for (const [index, { resolve }] of now.entries()) resolve(faults[index] ?? undefined)
  }
  waiting = undefined
}

async function write(calls: readonly Told[]): Promise<(MetFault | null)[]> {
  try {
    return await send<(MetFault | null)[]>('POST', '/simulator/host-calls', calls)
  } catch (error) {
    console.error('The ledger did not take', calls, error)
    return []
  }
}

/** Resolves when a held call is released. */
export const heldReleased = (held: number) => get<void>(`/simulator/held-calls/${held}`)

/** Reports that the work of a held call is done. */
export const finishHeld = (held: number) => send<void>('DELETE', `/simulator/held-calls/${held}`)

/** The answer of the nested app authentication bridge. */
export const broker = (mailbox: MailboxId, request: unknown) =>
  send<Record<string, unknown>>('POST', '/simulator/naa', { mailbox, request })

/** A token from the mailbox's Exchange server; undefined: the mailbox has no such server. */
export async function exchangeToken(asked: {
  mailbox: MailboxId
  kind: 'identity' | 'callback'
  isRest?: boolean
}): Promise<string | undefined> {
  return (await send<{ token?: string }>('POST', '/simulator/exchange-tokens', asked)).token
}

/** `calendar`: the e-mail address of its owner. */
export const appointments = (calendar: string) =>
  get<Appointment[]>(`/simulator/appointments?calendar=${encodeURIComponent(calendar)}`)

export async function keep(appointment: Appointment, calendar: string): Promise<void> {
  const id = encodeURIComponent(appointment.id ?? '')
  const path = `/simulator/appointments/${id}?calendar=${encodeURIComponent(calendar)}`
  await send('PUT', path, appointment)
}

export async function discard(appointment: Appointment): Promise<void> {
  await send('DELETE', `/simulator/appointments/${encodeURIComponent(appointment.id ?? '')}`)
}

/** Starts the desktop companion on this computer, if it does not run. Returns where the person signs in to it. */
export const startCompanion = async () =>
  (await send<{ signIn: string }>('POST', '/simulator/companion')).signIn

/** What the companion answers to the plug-in. */
export interface PlugInAnswer {
  result?: { joinUrl?: string; invitation?: string }
  error?: { message: string }
}

export const askCompanion = (method: string, params: unknown) =>
  send<PlugInAnswer>('POST', '/simulator/plug-in', { method, params })

/** A meeting as Zoom has it. */
export interface ZoomMeeting {
  id: number
  topic: string
  /** UTC; missing: the meeting has no fixed time. */
  start_time?: string
  /** Minutes. */
  duration: number
  /** IANA name. */
  timezone: string
  join_url: string
  host_email: string
}

export const zoomMeetings = () => get<ZoomMeeting[]>('/simulator/zoom/meetings')

/** What Zoom did with a meeting after its appointment changed. */
export interface Followed {
  meeting: string
  title: string
  what: 'changed' | 'deleted'
  milliseconds: number
}

/** The newest last. */
export const followedMeetings = () => get<Followed[]>('/simulator/zoom/followed')

const changed = ' (changed in Zoom)'

/** What the host does in Zoom's web portal: another topic, and an hour later. */
export function changeInZoom({ id, topic, start_time }: ZoomMeeting): Promise<void> {
  const later = start_time && new Date(Date.parse(start_time) + 3_600_000).toISOString()
  const change = {
    topic: topic.endsWith(changed) ? topic : `${topic.slice(0, 200 - changed.length)}${changed}`,
    ...(later && { start_time: later }),
  }
  return send('PATCH', `/simulator/zoom/meetings/${id}`, change)
}

export const deleteInZoom = ({ id }: ZoomMeeting) => send<void>('DELETE', `/simulator/zoom/meetings/${id}`)

export const situations = () => get<{ id: string; says: string }[]>('/simulator/situations')

export const begin = (situation: string) => send<void>('POST', `/simulator/situations/${situation}`)

export const waitingFaults = async () => (await get<{ waiting: Fault[] }>('/simulator/faults')).waiting

export const endFaults = () => send<void>('DELETE', '/simulator/faults')

export async function reset(): Promise<void> {
  await send('POST', '/simulator/reset')
}

/** Calls `reader` for every entry of the ledger, old and new; again when an entry's status is known. */
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
