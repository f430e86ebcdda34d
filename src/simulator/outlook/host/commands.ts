import { pause } from '../../kit/faults.ts'
import type { HostCall } from '../../kit/ledger.ts'
import type { AddIn, Button } from '../manifest.ts'
import type { Runtime } from './runtime.ts'
import type { Say } from './stage.ts'

/** What running a function of the add-in uses. */
export interface FunctionHost {
  /** Where frames without a visible page are. */
  backstage: Element
  start(kind: HostCall['runtime'], page: string): Runtime
  invoke(runtime: Runtime, functionName: string, event: object): Promise<Outcome>
  end(runtime: Runtime): void
}

interface ButtonHost extends FunctionHost {
  addIn: AddIn
  showPane(button: Button): void
  say: Say
  unsay(key: string): void
}

/** How a function of the add-in ended. */
export type Outcome =
  | { ended: 'completed'; status: number; context: Record<string, unknown> }
  | { ended: 'not started' | 'late' }

/** Outlook's time limits, in milliseconds. */
export const limits = {
  /** Until the add-in's page has started Office.js. */
  start: 30_000,
  /** Until the person is told that the add-in is still working. */
  patience: 5_000,
  /** Until `event.completed`. */
  work: 5 * 60_000,
}

/** Runs one function of the add-in in a runtime started for it, and ends the runtime. */
export async function run(
  host: Omit<FunctionHost, 'start'>,
  runtime: Runtime,
  functionName: string,
  event: object,
): Promise<Outcome> {
  host.backstage.append(runtime.frame)
  try {
    const started = runtime.listens('appCommandInvoked').then(() => true)
    if (!(await Promise.race([started, after(limits.start, false)]))) return { ended: 'not started' }
    const completed = host.invoke(runtime, functionName, event)
    return await Promise.race([completed, after<Outcome>(limits.work, { ended: 'late' })])
  } finally {
    host.end(runtime)
  }
}

/** A click on one of the add-in's buttons. */
export async function press(host: ButtonHost, button: Button): Promise<void> {
  if ('show' in button.does) return host.showPane(button)
  const { name, functionFile } = host.addIn
  const line = crypto.randomUUID()
  const working = setTimeout(
    () => host.say(line, 'progressIndicator', `${name} is working on your request.`),
    2000,
  )
  const outcome = functionFile
    ? await run(host, host.start('command', functionFile), button.does.run, { source: { id: button.id } })
    : { ended: 'not started' as const }
  clearTimeout(working)
  host.unsay(line)
  const failure = failed(outcome)
  if (failure) host.say(line, 'errorMessage', failure(name))
}

/** Outlook's message in the info bar when a function fails; undefined: it did not fail. */
function failed(outcome: Outcome): ((name: string) => string) | undefined {
  if (outcome.ended !== 'completed') return failures[outcome.ended]
  return outcome.status === 0 ? undefined : failures['not started']
}

const failures = {
  'not started': (name: string) => `We couldn't start ${name}. Try again later.`,
  late: (name: string) => `${name} took too long and was stopped.`,
}

const after = <T>(ms: number, value: T): Promise<T> => pause(ms).then(() => value)
