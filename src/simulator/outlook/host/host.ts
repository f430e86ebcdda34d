import type { HostCall } from '../../kit/ledger.ts'
import type { Appointment } from '../item/appointment.ts'
import type { Notification } from '../item/notifications.ts'
import type { AddIn, Button } from '../manifest.ts'
import { record } from '../server.ts'
import { Watched } from '../watched.ts'
import type { Outcome } from './commands.ts'
import { completion } from './core.ts'
import { dispatch } from './dispatch.ts'
import { eventsOf } from './events.ts'
import { launch } from './launch-events.ts'
import { answer, type BridgeRequest, shown } from './nested-app-auth.ts'
import { OpenItem } from './open-item.ts'
import { pageIn } from './page-in.ts'
import { startRealm } from './realm.ts'
import { Runtime } from './runtime.ts'
import { calendarOf, type Setting } from './setting.ts'
import { bareStage, type Question } from './stage.ts'
import { appContext } from './start-up.ts'
import { underFault } from './under-fault.ts'

/** One appointment open in one mailbox, and every runtime of the add-in on it. */
export class Host {
  readonly item: OpenItem
  readonly stage = new Watched(bareStage)
  readonly #runtimes = new Set<Runtime>()
  readonly #commands = new Map<string, (outcome: Outcome) => void>()
  /** Launch events that will start soon. */
  readonly #soon = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #closed = new AbortController()

  constructor(
    readonly setting: Setting,
    readonly addIn: AddIn,
    appointment: Appointment,
    /** Where hidden frames are. */
    readonly backstage: Element,
    readonly leave: (notice: string) => void,
  ) {
    this.item = new OpenItem(appointment, calendarOf(setting))
    this.item.follow((now, before) => this.#tell(now.appointment, before.appointment))
  }

  /** Starts listening to the add-in. Returns a function that stops it and ends every runtime. */
  readonly open = (): (() => void) => {
    addEventListener('message', (event) => this.#hear(event), { signal: this.#closed.signal })
    return () => this.close()
  }

  close(): void {
    this.#closed.abort()
    for (const runtime of this.#runtimes) this.end(runtime)
  }

  closeItem(): void {
    this.leave('')
  }

  // --- runtimes

  start(kind: HostCall['runtime'], page: string): Runtime {
    const { setting, addIn } = this
    const context = (id: string) => appContext(setting, addIn, id, this.roamingSettings())
    return this.#add(new Runtime(kind, setting.mailbox, pageIn(setting, kind, page, context)))
  }

  /** Starts a JavaScript-only runtime. */
  startScript(script: string): Runtime {
    return this.#add(startRealm(this.setting, script))
  }

  #add(runtime: Runtime): Runtime {
    this.#runtimes.add(runtime)
    return runtime
  }

  end(runtime: Runtime): void {
    this.#runtimes.delete(runtime)
    runtime.end()
  }

  #hear(event: MessageEvent): void {
    const runtime = [...this.#runtimes].find((r) => r.said(event))
    const message = runtime && parse(event.data)
    if (!message) return
    if (isBridgeRequest(message)) {
      if (this.setting.mailbox.bridge !== 'absent') this.#authenticate(runtime, message)
    } else {
      const request = runtime.read(message)
      if (request) dispatch(this, runtime, request)
    }
  }

  async #authenticate(runtime: Runtime, request: BridgeRequest): Promise<void> {
    const arrived = performance.now()
    const params = shown(request)
    const call = `nestedAppAuth:${request.method}`
    const fault = await record({ runtime: runtime.kind, call, ...(params ? { params } : {}) })
    if (this.setting.mailbox.bridge === 'silent') return
    const said = await underFault(fault, arrived, () => answer(this, request, fault))
    if (said) runtime.post(said)
  }

  // --- events

  #tell(now: Appointment, before: Appointment): void {
    for (const { name, tell, launch: type } of eventsOf(now, before)) {
      for (const runtime of this.#runtimes) runtime.raise(name, tell(now))
      if (type) this.#launchSoon(type)
    }
  }

  /** A person changes a time in several steps. The launch event is raised once, after a pause. */
  #launchSoon(type: string): void {
    clearTimeout(this.#soon.get(type))
    this.#soon.set(
      type,
      setTimeout(() => !this.#closed.signal.aborted && launch(this, type), 500),
    )
  }

  /** Raises an event in every runtime that registered for it. */
  raise(event: string, data: unknown): void {
    for (const runtime of this.#runtimes) runtime.raise(event, data)
  }

  // --- functions of the add-in

  /** Calls a function in a runtime; resolves with the argument of `event.completed`. */
  invoke(runtime: Runtime, functionName: string, event: object): Promise<Outcome> {
    const id = crypto.randomUUID()
    const completed = new Promise<Outcome>((resolve) => this.#commands.set(id, resolve))
    runtime.raise('appCommandInvoked', [id, functionName, JSON.stringify(event)])
    return completed
  }

  completed(id: string, status: number, event: string | null): void {
    this.#commands.get(id)?.({ ended: 'completed', status, context: completion(event) })
    this.#commands.delete(id)
  }

  // --- the task pane

  showPane(button: Button, context: unknown = ''): void {
    const { pane } = this.stage.get()
    if (!('show' in button.does) || pane?.button.id === button.id) return
    this.closePane()
    const runtime = this.start('task pane', button.does.show)
    runtime.context = typeof context === 'string' ? context : JSON.stringify(context)
    this.stage.change({ pane: { runtime, button } })
  }

  /** Opens the pane of the button that the add-in names. */
  showPaneOf(commandId: string, context: unknown): void {
    const button = this.addIn.buttons.find(({ id }) => id === commandId)
    if (button) this.showPane(button, context)
  }

  closePane(): void {
    const { pane } = this.stage.get()
    if (pane) this.end(pane.runtime)
    this.stage.change({ pane: null })
  }

  parentOf(runtime: Runtime): Runtime | undefined {
    const { dialog } = this.stage.get()
    return dialog?.runtime === runtime ? dialog.parent : undefined
  }

  dialogOf(runtime: Runtime): Runtime | undefined {
    const { dialog } = this.stage.get()
    return dialog?.parent === runtime ? dialog.runtime : undefined
  }

  // --- Outlook's own lines and questions

  say(key: string, type: Notification['type'], message: string): void {
    this.unsay(key)
    this.stage.change({ lines: [...this.stage.get().lines, { key, type, message }] })
  }

  unsay(key: string): void {
    this.stage.change({ lines: this.stage.get().lines.filter((line) => line.key !== key) })
  }

  ask(question: Question): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (go: boolean) => {
        this.stopAsking()
        resolve(go)
      }
      this.stage.change({ question: { ...question, answer } })
    })
  }

  stopAsking(): void {
    this.stage.change({ question: null })
  }

  // --- the browser

  openWindow(url: string): void {
    if (this.setting.mailbox.popups !== 'blocked') window.open(url, '_blank', 'noopener')
  }

  /** Every value is JSON. A real mailbox stores up to 32 KB for an add-in. */
  roamingSettings(): Record<string, string> {
    return JSON.parse(localStorage.getItem(this.#settingsKey) ?? '{}')
  }

  saveRoamingSettings(settings: Record<string, string>): void {
    localStorage.setItem(this.#settingsKey, JSON.stringify(settings))
  }

  get #settingsKey(): string {
    return `roaming settings of ${this.addIn.id} in ${this.setting.mailbox.emailAddress}`
  }
}

function parse(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string' || !data.startsWith('{')) return null
  try {
    return JSON.parse(data)
  } catch {
    return null
  }
}

function isBridgeRequest(message: unknown): message is BridgeRequest {
  return (message as Partial<BridgeRequest> | null)?.messageType === 'NestedAppAuthRequest'
}
