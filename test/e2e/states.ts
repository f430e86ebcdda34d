import type { Frame, Page } from 'playwright-core'
import { pageTexts } from '../../scripts/english-texts.ts'
import { type ConnectionState, type ProviderName, stateOf, syncSays } from '../../src/contract/connections.ts'
import { differenceSays } from '../../src/contract/difference.ts'
import type { Language } from '../../src/contract/languages.ts'
import { paths } from '../../src/contract/paths.ts'
import { groupsIn, labelOf, locales } from './in-language.ts'
import { ask, openOutlook, simulator } from './outlook.ts'

/** An Outlook in one language, before its pane is opened. */
interface Closed {
  page: Page
  /** A text of the pane. */
  text(key: string, group?: string): string
  /** A sentence of the service. */
  said(sentence: string): string
  /** Presses the ribbon's button and waits until the appointment has its meeting. */
  addByRibbon(): Promise<void>
}

/** A pane that is being brought into a state. */
interface Stage extends Pick<Closed, 'page' | 'text'> {
  pane: Frame
  press(key: string): Promise<void>
  /** Waits until the pane says this. */
  see(key: string): Promise<void>
  /** Gives the appointment its meeting. */
  add(): Promise<void>
}

interface State {
  name: string
  asked?: Parameters<typeof openOutlook>[0]
  /** Nobody has signed in: what signs in loads once the meeting is there to be seen. */
  isUnsigned?: true
  /** Before the pane is opened. */
  before?(closed: Closed): Promise<unknown>
  reach?(stage: Stage): Promise<unknown>
}

const rename = ({ page }: Stage) => page.getByLabel('Title').fill('Renamed')
const openOptions = async ({ pane, press, text }: Stage) => {
  await press('options')
  await pane.getByRole('switch', { name: text('waitingRoom', 'options') }).waitFor()
}
const down = (vendor: string, match?: string) =>
  simulator.fault({ vendor, status: 503, times: 'always', ...(match && { match }) })

/** Schedules, saves, and does in the calendar what this button says. */
async function fromCalendar({ page, addByRibbon }: Closed, deed: string): Promise<void> {
  await addByRibbon()
  for (const name of ['Save', 'Calendar', deed])
    await page.getByRole('button', { name }).and(page.locator(':enabled')).click()
  await page.getByRole('button', { name: 'Send' }).waitFor()
}

/** What the service says of the person's connections. */
const connected = ({ said }: Closed, all: { [Name in ProviderName]?: ConnectionState }, sync?: string) =>
  simulator.fault({
    ...{ vendor: 'service', match: `GET ${paths.connections}`, status: 200, times: 'always' },
    body: {
      ...Object.fromEntries(
        Object.entries(all).map(([provider, state]) => {
          const { says, wayOut } = stateOf(provider as ProviderName, state)
          return [provider, { state, says: said(says), wayOut, permission: 'read-write' }]
        }),
      ),
      ...(sync && { sync: said(sync) }),
    },
  })
/** What the service says of the meeting and its appointment. */
const differs = ({ said }: Closed, how: keyof typeof differenceSays) =>
  simulator.fault({
    ...{ vendor: 'service', match: 'GET /meetings/', status: 200, times: 'always' },
    body: { says: said(differenceSays[how]) },
  })
const openConnections = ({ pane, text }: Stage) =>
  pane.getByRole('button', { name: text('label', 'connections') }).click()

/** The states of the pane that look different. */
export const paneStates: readonly State[] = [
  {
    name: 'reading',
    isUnsigned: true,
    before: () =>
      simulator.fault({ vendor: 'outlook', match: 'subject.getAsync', hold: true, times: 'always' }),
  },
  { name: 'no meeting' },
  {
    name: 'adding',
    async reach({ press, see }) {
      await simulator.fault({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
      await press('add')
      await see('adding')
    },
  },
  { name: 'meeting', reach: ({ add }) => add() },
  {
    name: 'outdated',
    async reach(stage) {
      await stage.add()
      await stage.page.getByLabel('Starts').fill('2031-02-03T10:00')
      await stage.see('outdated')
    },
  },
  {
    name: 'incomplete',
    async reach({ press, see }) {
      const match = 'body.prependAsync'
      await simulator.fault({ vendor: 'outlook', match, code: 9020, times: 'always' })
      await press('add')
      await see('incomplete')
    },
  },
  {
    name: 'occurrence of a series',
    asked: { subject: 'Tea', start: '2030-12-03T10:00', repeat: 'weekly' },
    before: (closed) => fromCalendar(closed, 'Open one occurrence of Tea'),
    reach: ({ see }) => see('series'),
  },
  {
    name: 'copy',
    asked: { subject: 'Tea' },
    before: (closed) => fromCalendar(closed, 'Duplicate Tea'),
    reach: ({ see }) => see('copy'),
  },
  {
    name: 'failed',
    async reach(stage) {
      await stage.add()
      await rename(stage)
      await down('zoom')
      await stage.press('check')
      await stage.pane.getByRole('alert').waitFor()
    },
  },
  {
    name: 'no Zoom account',
    async reach({ press, pane }) {
      await ask('DELETE', '/simulator/zoom/users/ada@contoso.example')
      await press('add')
      await pane.getByRole('alert').waitFor()
    },
  },
  {
    name: 'short copy',
    async reach({ add, press, pane, text }) {
      await add()
      await pane.evaluate(() => {
        navigator.clipboard.write = async ([item]) => void (await item?.getType('text/plain'))
      })
      await down('service', '/invitation')
      await press('copyInvitation')
      await pane.getByText(text('invitationShort')).waitFor()
    },
  },
  {
    name: 'removing',
    async reach({ add, press, see }) {
      await add()
      await press('remove')
      await see('removeQuestion')
    },
  },
  {
    name: 'removed',
    async reach({ add, press, see }) {
      await add()
      await press('remove')
      await press('removeYes')
      await see('removed')
    },
  },
  {
    name: 'undone',
    async reach({ add, press, see }) {
      await add()
      await press('remove')
      await press('removeYes')
      await press('undo')
      await see('undone')
    },
  },
  { name: 'options of a new meeting', reach: openOptions },
  {
    name: 'all options',
    async reach(stage) {
      await stage.add()
      await openOptions(stage)
      await stage.pane.getByRole('button', { name: stage.text('all', 'options') }).click()
    },
  },
  {
    name: 'account',
    async reach({ press, see }) {
      await press('manage')
      await press('disconnect')
      await see('disconnectQuestion')
    },
  },
  {
    name: 'what left',
    async reach({ add, press, pane }) {
      await add()
      await press('whatLeft')
      await pane.locator('dl').nth(1).waitFor()
    },
  },
  {
    name: 'owner',
    asked: { sharedFrom: 'alan' },
    reach: ({ add }) => add(),
  },
  {
    name: 'owner without a privilege',
    asked: { sharedFrom: 'claude' },
    async reach({ press, pane }) {
      await press('add')
      await pane.getByRole('alert').waitFor()
    },
  },
  {
    name: 'signed out',
    asked: { mailbox: 'interaction-required' },
    isUnsigned: true,
    reach: ({ see }) => see('notSignedIn'),
  },
  {
    name: 'nothing connected',
    before: (closed) =>
      connected(closed, { microsoft: 'not_connected', google: 'not_connected', zoom: 'not_connected' }),
    reach: openConnections,
  },
  {
    name: 'connected',
    before: (closed) => connected(closed, { microsoft: 'connected', zoom: 'connected' }, syncSays.followed),
  },
  ...(['late', 'tomorrow', 'failed', 'gone'] as const).map((how) => ({
    name: `meeting that is ${how}`,
    async before(closed: Closed) {
      await connected(closed, { microsoft: 'connected' }, syncSays.followed)
      await differs(closed, how)
    },
    async reach({ add, pane }: Stage) {
      await add()
      await pane.getByRole('alert').waitFor()
    },
  })),
  {
    name: 'connections',
    before: (closed) =>
      connected(
        closed,
        { microsoft: 'connected', google: 'provider_down', zoom: 'connected' },
        syncSays.late,
      ),
    reach: openConnections,
  },
  {
    name: 'a connection that has ended',
    before: (closed) => connected(closed, { microsoft: 'needs_sign_in', zoom: 'not_connected' }),
    reach: ({ pane, text }) => pane.getByRole('region', { name: text('region', 'microsoft') }).waitFor(),
  },
  {
    name: 'service away',
    isUnsigned: true,
    before: () => down('service'),
    reach: async ({ pane, press, text }) => {
      await pane.getByRole('button', { name: text('add') }).waitFor()
      await press('add')
      await pane.getByRole('alert').waitFor()
    },
  },
]

/** A text of the pane in this language. */
function textIn(language: Language) {
  const groups = language === 'en' ? pageTexts : groupsIn(language)
  return (key: string, group = 'pane') => String(groups[group]?.[key])
}

/** The pane in this state, which takes the whole window. */
export async function paneIn(
  state: State,
  language: Language,
  size: { width: number; height: number },
): Promise<{ page: Page; pane: Frame }> {
  const locale = language === 'en' ? undefined : locales[language]
  const page = await openOutlook({ ...state.asked, ...(locale && { lang: locale }) })
  await page.setViewportSize(size)
  const text = textIn(language)
  const said = (sentence: string) =>
    language === 'en' ? sentence : String(groupsIn(language, 'service').sentences?.[sentence])
  const addByRibbon = async () => {
    const name = locale ? labelOf('add', locale) : 'Add Zoom meeting'
    await page.getByRole('button', { name }).first().press('Enter')
    await page.getByText(text('added', 'notices'), { exact: true }).waitFor()
  }
  await state.before?.({ page, text, said, addByRibbon })
  const label = locale ? labelOf('settings', locale) : 'Zoom settings'
  await page.getByRole('button', { name: label }).press('Enter')
  const frame = await page.waitForSelector(`iframe[title="${label}"]`)
  // Nothing runs at its usual pace in a frame that is out of sight.
  await frame.evaluate((element: Node) => {
    const aside = (element as HTMLElement).closest('aside')
    aside?.setAttribute('style', 'position: fixed; inset: 0; width: auto; height: 100vh; z-index: 1000')
  })
  const pane = (await frame.contentFrame()) as Frame
  const press = (key: string) => pane.getByRole('button', { name: text(key), exact: true }).click()
  const see = (key: string) => pane.getByText(text(key), { exact: true }).first().waitFor()
  const add = async () => {
    await press('add')
    await see('current')
  }
  await pane.getByRole('heading', { name: text('heading') }).waitFor()
  if (!state.isUnsigned) await pane.getByText('ada@').first().waitFor()
  await state.reach?.({ page, pane, text, press, see, add })
  return { page, pane }
}
