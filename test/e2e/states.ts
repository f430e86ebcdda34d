import type { Frame, Page } from 'playwright-core'
import { pageTexts } from '../../scripts/english-texts.ts'
import type { Language } from '../../src/contract/languages.ts'
import { groupsIn, labelOf, locales } from './in-language.ts'
import { ask, openOutlook, simulator } from './outlook.ts'

/** A pane that is being brought into a state, in one language. */
interface Stage {
  page: Page
  pane: Frame
  /** A text of the pane. */
  text(key: string, group?: string): string
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
  before?(): Promise<unknown>
  reach?(stage: Stage): Promise<unknown>
}

const rename = ({ page }: Stage) => page.getByLabel('Title').fill('Renamed')
const openOptions = async ({ pane, press, text }: Stage) => {
  await press('options')
  await pane.getByRole('switch', { name: text('waitingRoom', 'options') }).waitFor()
}
const down = (vendor: string, match?: string) =>
  simulator.fault({ vendor, status: 503, times: 'always', ...(match && { match }) })

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
  await state.before?.()
  const label = locale ? labelOf('settings', locale) : 'Zoom settings'
  await page.getByRole('button', { name: label }).press('Enter')
  const frame = await page.waitForSelector(`iframe[title="${label}"]`)
  // Nothing runs at its usual pace in a frame that is out of sight.
  await frame.evaluate((element: Node) => {
    const aside = (element as HTMLElement).closest('aside')
    aside?.setAttribute('style', 'position: fixed; inset: 0; width: auto; height: 100vh; z-index: 1000')
  })
  const pane = (await frame.contentFrame()) as Frame
  const text = textIn(language)
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
