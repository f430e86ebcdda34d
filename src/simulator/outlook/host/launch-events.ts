import { pause } from '../../kit/faults.ts'
import type { AddIn, LaunchEvents } from '../manifest.ts'
import { type FunctionHost, limits, type Outcome, run } from './commands.ts'
import type { Runtime } from './runtime.ts'
import type { Setting } from './setting.ts'
import type { Ask } from './stage.ts'
import { minor, requirements } from './start-up.ts'

type Handler = LaunchEvents['handlers'][number]

/** What a launch event uses. */
export interface LaunchHost extends FunctionHost {
  setting: Setting
  addIn: AddIn
  startScript(script: string): Runtime
  ask: Ask
  stopAsking(): void
  showPaneOf(commandId: string, context: unknown): void
}

/** Runs the add-in's handler for a launch event, if its manifest has one. */
export async function launch(host: LaunchHost, type: string): Promise<void> {
  const handler = wanted(host, type)
  if (handler) await wake(host, handler)
}

/** Whether the appointment may be sent: the add-in decides, and in some cases the person. */
export async function maySend(host: LaunchHost): Promise<boolean> {
  const handler = wanted(host, 'OnAppointmentSend')
  if (!handler) return true

  const outcome = wake(host, handler)
  const soon = await Promise.race([outcome, pause(limits.patience)])
  const answer = soon ?? (await outlast(host, handler, outcome))
  if (typeof answer === 'boolean') return answer
  if (allows(answer)) return true
  return consider(host, handler, answer)
}

/** The add-in is slow: the person may decide before it does. */
async function outlast(
  host: LaunchHost,
  handler: Handler,
  outcome: Promise<Outcome>,
): Promise<Outcome | boolean> {
  const { name } = host.addIn
  const asked = host.ask({
    title: `${name} is taking longer than expected`,
    message: 'The add-in is still checking your meeting.',
    busy: true,
    ...buttons('slow', handler.sendMode),
  })
  const answer = await Promise.race([outcome, asked])
  host.stopAsking()
  return answer
}

/** The add-in refuses or does not answer. */
async function consider(host: LaunchHost, handler: Handler, outcome: Outcome): Promise<boolean> {
  const { name } = host.addIn
  const said = outcome.ended === 'completed' && outcome.status === 0
  if (!said) {
    return host.ask({
      title: `${name} is unavailable`,
      message:
        outcome.ended === 'late'
          ? 'The add-in did not finish checking your meeting within five minutes.'
          : 'The add-in could not check your meeting. Try again later.',
      ...buttons('unavailable', handler.sendMode),
    })
  }
  const { errorMessage, sendModeOverride, cancelLabel, commandId, contextData } = outcome.context
  const go = await host.ask({
    title: name,
    message: text(errorMessage) || 'The add-in asks you to look at your meeting before it is sent.',
    ...buttons('refused', text(sendModeOverride) || handler.sendMode),
    ...(text(cancelLabel) ? { stay: text(cancelLabel) } : {}),
  })
  if (!go && text(commandId)) host.showPaneOf(text(commandId), contextData)
  return go
}

type State = 'refused' | 'slow' | 'unavailable'

/** Send mode → the states in which the person may send without the add-in's permission. */
const anyway: Record<string, State[]> = {
  promptuser: ['refused', 'slow', 'unavailable'],
  softblock: ['unavailable'],
  block: [],
}

function buttons(state: State, mode: string) {
  const may = anyway[mode.toLowerCase()]?.includes(state)
  return { stay: state === 'unavailable' ? 'Try later' : "Don't send", ...(may ? { go: 'Send anyway' } : {}) }
}

/** Launch event → the Mailbox 1.x that introduced it. */
const since: Record<string, number> = {
  OnNewAppointmentOrganizer: 10,
  OnAppointmentTimeChanged: 11,
  OnAppointmentRecurrenceChanged: 11,
  OnAppointmentAttendeesChanged: 11,
  OnAppointmentSend: 12,
}

/** The manifest's handler for an event, if the client and the mailbox support the event. */
function wanted({ setting, addIn }: LaunchHost, type: string): Handler | undefined {
  const { launchEvents } = setting.client
  const onPremises = setting.mailbox.accountType === 'enterprise'
  if (!launchEvents || (onPremises && !launchEvents.onPremises)) return undefined
  if (minor(requirements(setting).Mailbox) < (since[type] ?? 0)) return undefined
  return addIn.launchEvents?.handlers.find((handler) => handler.type === type)
}

async function wake(host: LaunchHost, { type, functionName }: Handler): Promise<Outcome> {
  const { page = '', script } = host.addIn.launchEvents ?? {}
  const paged = host.setting.client.launchEvents?.run === 'page'
  if (!paged && !script) return { ended: 'not started' }
  const runtime = script && !paged ? host.startScript(script) : host.start('launch event', page)
  return run(host, runtime, functionName, { type })
}

const allows = (outcome: Outcome) =>
  outcome.ended === 'completed' && outcome.status === 0 && outcome.context.allowEvent !== false

const text = (value: unknown) => (typeof value === 'string' ? value : '')
