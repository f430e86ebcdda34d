import { type Appointment, first } from '../item/appointment.ts'
import { escaped } from '../item/html.ts'
import { askCompanion, type PlugInAnswer } from '../server.ts'
import type { OpenItem } from './open-item.ts'
import type { Say } from './stage.ts'

/** What the plug-in uses of the open form. */
interface FormHost {
  item: OpenItem
  say: Say
}

/** Milliseconds for which a send waits for the plug-in. */
const patience = 5_000

/** Gives the open appointment its meeting. The key is saved before the first request. */
export async function schedule(host: FormHost): Promise<void> {
  const { item } = host
  const { key, written } = item.appointment.plugIn ?? { key: newKey() }
  if (!item.appointment.plugIn) await item.save({ plugIn: { key } })
  const { result: { invitation = '', joinUrl = '' } = {} } = await act(host, 'schedule', 'Scheduled in Zoom.')
  if (!joinUrl || joinUrl === written) return
  item.editor.set(`<p>${escaped(invitation).replaceAll('\n', '<br>')}</p>${item.appointment.body}`)
  await item.save({ plugIn: { key, written: joinUrl } })
}

/** Removes the meeting. The invitation stays in the text. */
export async function remove(host: FormHost): Promise<void> {
  const { error } = await act(host, 'remove', 'Removed from Zoom. Delete the invitation in the text.')
  if (error) return
  const { plugIn: _, ...appointment } = host.item.appointment
  host.item.change({ appointment })
  await host.item.save()
}

/** Before the form is saved or sent: the meeting follows. A send does not wait long, and is never refused. */
export async function follow(host: FormHost): Promise<void> {
  if (!host.item.appointment.plugIn) return
  await Promise.race([
    act(host, 'update', 'Updated in Zoom.'),
    new Promise((resolve) => setTimeout(resolve, patience)),
  ])
}

/** What has happened in the calendar: the meeting follows. */
export const told = (method: 'update' | 'remove', appointment: Appointment) =>
  appointment.plugIn ? ask(method, appointment) : undefined

async function act(host: FormHost, method: string, done: string): Promise<PlugInAnswer> {
  const answer = await ask(method, host.item.appointment)
  const { error } = answer
  host.say('plug-in', error ? 'errorMessage' : 'informationalMessage', error?.message ?? done)
  return answer
}

async function ask(method: string, appointment: Appointment): Promise<PlugInAnswer> {
  const { start, end, timeZone } = first(appointment)
  const facts = {
    subject: appointment.subject,
    start: `${new Date(start).toISOString().slice(0, 19)}Z`,
    minutes: Math.round((end - start) / 60_000),
    timeZone,
    recurring: appointment.recurrence !== null,
  }
  const params = { key: appointment.plugIn?.key, ...(method !== 'remove' && { appointment: facts }) }
  return askCompanion(method, params).catch(() => ({
    error: { message: 'The desktop companion does not run. Start it, then try again.' },
  }))
}

/** 128 random bits, base64url. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('=', '')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
