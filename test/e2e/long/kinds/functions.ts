import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { vi } from 'vitest'
import type { Fault } from '../../../../src/simulator/kit/faults.ts'
import { openOutlook, openPane, simulator, world } from '../../outlook.ts'

/** A test tries dozens of variations, also on a busy machine. */
vi.setConfig({ testTimeout: 600_000 })

/**
 * An Outlook with the add-in's functions in a frame that stays open, beside the genuine Office.js. Outlook starts a frame
 * for each call of a function, which takes seconds. Here a call takes milliseconds, so a test can try many variations.
 */
export interface Functions {
  page: Page
  /** Calls a function by its name in the manifest. Returns what it answers Outlook. */
  call(name: FunctionName): Promise<{ allowEvent?: boolean; errorMessage?: string } | undefined>
  /** A new appointment of the person's: no meeting, no text, no location, this title. */
  begin(subject?: string): Promise<void>
  rename(subject: string): Promise<void>
  /** The note on the item. */
  note(): Promise<Note | undefined>
  leaveNote(note: string | undefined): Promise<void>
}

type FunctionName = 'addZoomMeeting' | 'onAppointmentSend' | 'onNewAppointment'

export interface Note {
  key?: string
  itemId?: string
  made?: {
    meeting: { id: string; joinUrl: string }
    facts: Record<string, unknown>
    missing: string[]
    forOwner?: boolean
  }
}

/** The functions of the ribbon's button and of the launch events. */
const entries = ['commands', 'launch-page'].map((page) =>
  fileURLToPath(new URL(`../../../../src/addin/${page}/main.ts`, import.meta.url)),
)

let scripts: Promise<string[]> | undefined

async function bundled(entry: string): Promise<string> {
  const [made] = (await build({
    configFile: false,
    logLevel: 'warn',
    // As a page's build has it.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ['iife'], name: 'functions' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput[]
  return made?.output[0].code ?? ''
}

/** A new appointment in an Outlook that nobody used before, with the add-in's functions. */
export async function openFunctions(...asked: Parameters<typeof openOutlook>): Promise<Functions> {
  return functionsIn(await openOutlook(...asked))
}

/** The add-in's functions for the appointment that is open in this Outlook. */
async function functionsIn(page: Page): Promise<Functions> {
  scripts ??= Promise.all(entries.map(bundled))
  const html = '<!doctype html><script src="/simulator/frame.js"></script><script>Office.onReady()</script>'
  await page.route(`${world.addin}/addin/taskpane/index.html**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: html }),
  )
  const frame = await openPane(page)
  await frame.evaluate(() => {
    Object.assign(window, { functions: {}, associated: {} })
    const value = (name: string, act: unknown) =>
      Object.assign((window as never as Window).functions, { [name]: act })
    Object.defineProperty(Office.actions, 'associate', { value })
  })
  for (const script of await scripts) await frame.evaluate(script)

  const rename = (subject: string) => page.getByLabel('Title').fill(subject)
  return {
    page,
    rename,
    call: (name) => frame.evaluate(called, name) as ReturnType<Functions['call']>,
    async begin(subject = 'Tea') {
      await simulator.mend()
      await frame.evaluate(emptied)
      await rename(subject)
    },
    note: () => frame.evaluate(noted).then((note) => (note ? JSON.parse(note) : undefined)),
    leaveNote: (note) => frame.evaluate(leave, note),
  }
}

/** Saves the open appointment. */
export async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved in your calendar.').waitFor()
}

/** Opens an appointment in the calendar of an Outlook that starts again, with these peculiarities. */
export async function openAgain(page: Page, name: RegExp, asked: Parameters<typeof openOutlook>[0] = {}) {
  await page.goto(`${world.outlook}/?${new URLSearchParams({ ...asked })}`)
  await page.getByRole('button', { name: 'Calendar', exact: true }).click()
  await page.getByRole('button', { name }).first().click()
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor()
  return functionsIn(page)
}

interface Window {
  functions: Record<string, (event: { completed(answer: unknown): void }) => void>
}

function called(name: string): Promise<unknown> {
  const { functions } = window as never as Window
  return new Promise((resolve) => functions[name]?.({ completed: resolve }))
}

async function emptied(): Promise<void> {
  const item = Office.context.mailbox.item as Office.AppointmentCompose
  const ask = <T>(question: (done: (result: Office.AsyncResult<T>) => void) => void) =>
    new Promise<T>((resolve) => question(({ value }) => resolve(value)))
  const properties = await ask<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done))
  properties.remove('zoomMeeting')
  await ask<void>((done) => properties.saveAsync(done))
  const all = await ask<Office.LocationDetails[]>((done) => item.enhancedLocation.getAsync(done))
  const ids = all.map(({ locationIdentifier }) => locationIdentifier)
  if (ids.length > 0) await ask<void>((done) => item.enhancedLocation.removeAsync(ids, done))
  await ask<void>((done) => item.body.setAsync('', done))
  await ask<void>((done) => item.notificationMessages.removeAsync('zoom', done))
}

function noted(): Promise<string | undefined> {
  const item = Office.context.mailbox.item as Office.AppointmentCompose
  return new Promise((resolve) =>
    item.loadCustomPropertiesAsync(({ value }) => resolve(value.get('zoomMeeting'))),
  )
}

function leave(note: string | undefined): Promise<void> {
  const item = Office.context.mailbox.item as Office.AppointmentCompose
  return new Promise((resolve) =>
    item.loadCustomPropertiesAsync(({ value }) => {
      value.set('zoomMeeting', note as string)
      value.saveAsync(() => resolve())
    }),
  )
}

/** What Outlook or Zoom answers differently, by name. */
export type Variation = [name: string, fault: Fault, ...faults: Fault[]]

/** Every way alone, and each of one question with one of every other in turn. */
export function inTurn(...questions: Variation[][]): Variation[] {
  const longest = Math.max(...questions.map((ways) => ways.length))
  const together = Array.from({ length: longest }, (_, index) => {
    const chosen = questions.map((ways, place) => ways[(index + place) % ways.length] as Variation)
    return [
      chosen.map(([name]) => name).join(', '),
      ...chosen.flatMap(([, ...faults]) => faults),
    ] as unknown as Variation
  })
  return [...questions.flat(), ...together]
}

/** A fault of Outlook that lasts until it is mended. */
export const outlook = (match: string, fault: Partial<Fault>): Fault => ({
  vendor: 'outlook',
  match,
  times: 'always',
  ...fault,
})

/** The keys of the meetings that the add-in asked the service for, in order. */
export async function asked(): Promise<string[]> {
  return (await simulator.ledger()).flatMap((e) =>
    e.kind === 'service' && e.method === 'PUT' ? [e.path.split('/').pop() ?? ''] : [],
  )
}

/** The sentence above the appointment, as the add-in asked for it last. */
export async function said(): Promise<string> {
  const lines = (await simulator.ledger()).flatMap((e) => {
    const params = e.kind === 'outlook' && e.call.startsWith('notificationMessages') ? e.params : undefined
    const message = (params as { message?: unknown } | undefined)?.message
    return typeof message === 'string' ? [message] : []
  })
  return lines.at(-1) ?? ''
}
