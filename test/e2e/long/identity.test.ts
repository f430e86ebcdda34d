import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { ownCalendarHeader } from '../../../src/contract/owner.ts'
import { type MailboxId, mailboxes } from '../../../src/simulator/people.ts'
import { sample } from '../../sample.ts'
import { addZoomMeeting, openOutlook, openPane, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page) => page.getByRole('button', { name: 'Add Zoom meeting' }).click()
const added = (page: Page) =>
  page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
const hosts = async () => (await simulator.meetings()).map(({ host_email }) => host_email)
/** Where the bridge is silent, the add-in's deadline leads on. */
const deadlinesOf = (mailbox: string) => ({ deadlines: mailbox === 'bridge-silent' })
const addressOf = (mailbox: MailboxId) => mailboxes[mailbox].emailAddress

/** How often MSAL has introduced itself to Outlook's bridge. */
const starts = async () =>
  (await simulator.ledger()).filter(
    (e) => e.kind === 'outlook' && e.runtime === 'task pane' && e.call === 'nestedAppAuth:GetInitContext',
  ).length

/** In the window that opens: signs in as the mailbox's person at whoever asks. */
async function signInAt(page: Page, ...buttons: string[]): Promise<void> {
  const [window] = await Promise.all([page.waitForEvent('popup'), press(page)])
  for (const name of buttons) await window.getByRole('button', { name }).click()
}

/** In the pane, where somebody is signed in. */
async function disconnect(pane: Frame): Promise<void> {
  for (const name of ['Manage account', 'Disconnect', 'Yes, disconnect'])
    await pane.getByRole('button', { name, exact: true }).click()
  await pane.getByText('You are not signed in.').waitFor()
}

/** As `signInAt`, from the pane. */
async function signInThere(page: Page, pane: Frame, button: string): Promise<void> {
  const signIn = pane.getByRole('button', { name: 'Sign in' })
  const [window] = await Promise.all([page.waitForEvent('popup'), signIn.click()])
  await window.getByRole('button', { name: button }).click()
}

describe('a person adds a meeting', () => {
  test.each(['exchange-online', 'account-switched'] as const)(
    'silently, through Outlook: %s',
    async (mailbox) => {
      const page = await openOutlook({ mailbox })
      await addZoomMeeting(page)
      expect(await hosts()).toEqual(['ada@contoso.example'])
    },
  )

  test.each(['interaction-required', 'consent-required', 'bridge-no-account'] as const)(
    'by signing in where Outlook asks: %s',
    async (mailbox) => {
      const page = await openOutlook({ mailbox })
      await press(page)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await added(page)
      expect(await hosts()).toEqual([addressOf(mailbox)])
    },
  )

  const unable = [
    'no-bridge',
    'bridge-disabled',
    'bridge-unavailable',
    'bridge-untrusted',
    'bridge-transient',
    'bridge-offline',
    'bridge-refuses',
    'bridge-throws',
    'bridge-silent',
  ] as const
  test.each(sample(unable, 4))(
    'in a window of Microsoft’s, when Outlook cannot sign them in: %s',
    async (mailbox) => {
      const page = await openOutlook({ mailbox }, deadlinesOf(mailbox))
      const name = mailboxes[mailbox].displayName
      await signInAt(page, `Sign in as ${name}`)
      await added(page)
      expect(await hosts()).toEqual([addressOf(mailbox)])

      // Entra knows them now, so the next appointment needs no window.
      await page.goto(page.url())
      await addZoomMeeting(page)
      expect(await hosts()).toEqual([addressOf(mailbox), addressOf(mailbox)])
    },
  )

  test('in a personal mailbox, with the account that they have at work', async () => {
    const page = await openOutlook({ mailbox: 'outlook-com' })
    const [window] = await Promise.all([page.waitForEvent('popup'), press(page)])
    await window.getByRole('button', { name: 'Sign in as Wanda Private' }).click()
    await window.getByText(/personal Microsoft account/).waitFor()
    await window.getByRole('button', { name: 'Sign in as Ada Lovelace' }).click()
    await added(page)
    expect(await hosts()).toEqual([addressOf('exchange-online')])

    await page.goto(page.url())
    const pane = await openPane(page)
    await pane
      .getByText('This mailbox is wanda@outlook.example. Meetings are created for ada@contoso.example.')
      .waitFor()
    await addZoomMeeting(page)
    expect(await hosts()).toHaveLength(2)
    // The work calendar will never have these appointments.
    const puts = (await simulator.ledger()).filter((e) => e.kind === 'service' && e.method === 'PUT')
    expect(puts).toHaveLength(2)
    for (const put of puts) expect(put).not.toHaveProperty(['headers', ownCalendarHeader])
  })

  test.each(['exchange-2019', 'hybrid'] as const)(
    'on an Exchange server, after signing in to Zoom once: %s',
    async (mailbox) => {
      const page = await openOutlook({ mailbox })
      const name = mailboxes[mailbox].displayName
      await signInAt(page, `Sign in as ${name}`, 'Allow')
      await added(page)
      expect(await hosts()).toEqual([addressOf(mailbox)])

      await page.goto(page.url())
      await addZoomMeeting(page)
      expect(await hosts()).toEqual([addressOf(mailbox), addressOf(mailbox)])
      await disconnect(await openPane(page))
    },
  )
})

describe('a person who does not sign in is told so, and nothing is changed', () => {
  /** Who cancels has decided: no error, and no other way is tried. */
  const cancelled = (where: Page | Frame) =>
    where
      .getByRole('status')
      .getByText(/Sign-in was cancelled/)
      .waitFor()

  test('cancelled in Outlook', async () => {
    const page = await openOutlook({ mailbox: 'cancels' })
    const pane = await openPane(page)
    await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await Promise.all([cancelled(page), cancelled(pane)])
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await pane.getByRole('alert').count()).toBe(0)
    expect(page.context().pages()).toHaveLength(1)
    expect(await hosts()).toEqual([])
  })

  test('the window was closed', async () => {
    const page = await openOutlook({ mailbox: 'no-bridge' })
    const [window] = await Promise.all([page.waitForEvent('popup'), press(page)])
    await window.close()
    await cancelled(page)
  })

  test('the window was blocked', async () => {
    const page = await openOutlook({ mailbox: 'no-popups' })
    await press(page)
    await page
      .getByRole('alert')
      .getByText(/blocked the sign-in window/)
      .waitFor()
  })

  test('a personal account belongs to no organisation that is served, says Microsoft', async () => {
    const page = await openOutlook({ mailbox: 'outlook-com' })
    const [window] = await Promise.all([page.waitForEvent('popup'), press(page)])
    await window.getByRole('button', { name: 'Sign in as Wanda Private' }).click()
    await window.getByText(/personal Microsoft account/).waitFor()
    await window.close()
    await cancelled(page)
    expect(await hosts()).toEqual([])
  })
})

/** Mailbox → what the pane says of the person, the way out that it offers, and what that leads to. */
const offers = {
  'exchange-online': ['Signed in as ada@contoso.example, through Outlook', 'Manage account', 'Disconnect'],
  'account-switched': ['Signed in as ada@contoso.example, through Outlook', 'Manage account', 'Disconnect'],
  'interaction-required': ['You are not signed in.', 'Sign in', 'Outlook asks'],
  'consent-required': ['You are not signed in.', 'Sign in', 'Outlook asks'],
  'bridge-no-account': ['You are not signed in.', 'Sign in', 'Outlook asks'],
  cancels: ['You are not signed in.', 'Sign in', 'Sign-in was cancelled.'],
  'no-bridge': ['You are not signed in.', 'Sign in', 'a window'],
  'no-popups': ['You are not signed in.', 'Sign in', 'Your browser blocked the sign-in window.'],
  'bridge-disabled': ['You are not signed in.', 'Sign in', 'a window'],
  'bridge-unavailable': ['You are not signed in.', 'Sign in', 'a window'],
  'bridge-untrusted': ['You are not signed in.', 'Sign in', 'a window'],
  'bridge-transient': ['You are not signed in.', 'Sign in', 'a window'],
  'bridge-offline': ['You are not signed in.', 'Sign in', 'a window'],
  'bridge-refuses': ['You are not signed in.', 'Sign in', 'a window'],
  'bridge-throws': ['You are not signed in.', 'Sign in', 'a window'],
  'bridge-silent': ['You are not signed in.', 'Sign in', 'a window'],
  'exchange-2019': ['Connect your Zoom account to continue.', 'Connect Zoom', 'a window'],
  hybrid: ['Connect your Zoom account to continue.', 'Connect Zoom', 'a window'],
  'outlook-com': ['You are not signed in.', 'Sign in', 'a window'],
} as const satisfies Record<MailboxId, readonly [says: string, offers: string, leads: string]>

describe('the pane says who is signed in and how, or what is wrong, and leads on', () => {
  test.each(sample(Object.entries(offers), 10))('%s', async (mailbox, [says, button, leads]) => {
    const page = await openOutlook({ mailbox }, deadlinesOf(mailbox))
    const pane = await openPane(page)
    await pane.getByRole('status').getByText(says).waitFor()
    const out = pane.getByRole('button', { name: button })
    if (leads === 'a window') await Promise.all([page.waitForEvent('popup'), out.click()])
    else {
      await out.click()
      await (leads === 'Outlook asks' ? page.getByRole('alertdialog') : pane.getByText(leads)).waitFor()
    }
  })

  test('a window, even when neither Outlook nor Microsoft answers', async () => {
    await simulator.fault({ vendor: 'entra', silence: true, times: 'always' })
    const page = await openOutlook({ mailbox: 'bridge-silent' }, { deadlines: true })
    const pane = await openPane(page)
    await pane.getByText('You are not signed in.').waitFor()
    const signIn = pane.getByRole('button', { name: 'Sign in' })
    await Promise.all([page.waitForEvent('popup'), signIn.click()])
  })

  test('try again, when the service is back', async () => {
    await simulator.fault({ vendor: 'service', match: 'GET /bootstrap', drop: true, times: 'always' })
    const pane = await openPane(await openOutlook())
    await pane.getByText('The scheduling service did not answer.').waitFor()
    await simulator.mend()
    await pane.getByRole('button', { name: 'Try again' }).click()
    await pane.getByText('Signed in as ada@contoso.example, through Outlook').waitFor()
  })
})

test('disconnecting ends what has been proved, and the next sign-in starts anew', async () => {
  const pane = await openPane(await openOutlook())
  await disconnect(pane)
  await pane.getByRole('button', { name: 'Sign in' }).click()
  await pane.getByText('Signed in as ada@contoso.example, through Outlook').waitFor()
  expect(await starts()).toBe(2)
})

test('who signs in for a meeting is shown as signed in', async () => {
  const page = await openOutlook({ mailbox: 'interaction-required' })
  const pane = await openPane(page)
  await pane.getByText('You are not signed in.').waitFor()
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await pane.getByText('Signed in as claude@contoso.example, through Outlook').waitFor()
})

describe('another account', () => {
  /** In the pane: chooses to switch, and signs in at whoever asks in the window that opens. */
  async function switching(page: Page, pane: Frame, what: string, ...buttons: string[]): Promise<void> {
    await pane.getByRole('button', { name: 'Manage account' }).click()
    const choice = pane.getByRole('button', { name: what })
    const [window] = await Promise.all([page.waitForEvent('popup'), choice.click()])
    for (const name of buttons) await window.getByRole('button', { name }).click()
    if (buttons.length === 0) await window.close()
  }
  const addInPane = async (pane: Frame) => {
    await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await pane.getByText('Up to date', { exact: true }).waitFor()
  }
  const signedInAs = (pane: Frame, name: string) =>
    pane.getByText(`Signed in as ${name}@contoso.example`).waitFor()

  test('that Outlook signs in is remarked, and is Outlook’s to switch', async () => {
    const pane = await openPane(await openOutlook({ mailbox: 'account-switched' }))
    await pane
      .getByText('This mailbox is frances@contoso.example. Meetings are created for ada@contoso.example.')
      .waitFor()
    await pane.getByRole('button', { name: 'Manage account' }).click()
    await pane.getByText('To use another account, switch accounts in Outlook.').waitFor()
    expect(await pane.getByRole('button', { name: 'Switch account' }).count()).toBe(0)
  })

  test('is noticed when Outlook shows another mailbox beside the open pane', async () => {
    const pane = await openPane(await openOutlook())
    await signedInAs(pane, 'ada')
    await pane.evaluate(() => {
      const { context } = Office
      const frances = { emailAddress: { value: 'frances@contoso.example' } }
      const userProfile = { value: Object.create(context.mailbox.userProfile, frances) }
      const mailbox = { value: Object.create(context.mailbox, { userProfile }) }
      const shown = { context: { value: Object.create(context, { mailbox }) } }
      Object.assign(window, { Office: Object.create(Office, shown) })
    })
    await addInPane(pane)
    expect(await starts()).toBe(2)
    await pane.getByText('This mailbox is frances@contoso.example.').waitFor()
  })

  test('can be chosen in Microsoft’s window, and counts for this pane alone', async () => {
    const page = await openOutlook({ mailbox: 'no-bridge' })
    const pane = await openPane(page)
    await signInThere(page, pane, 'Sign in as Alan Turing')
    await signedInAs(pane, 'alan')
    await switching(page, pane, 'Switch account', 'Sign in as Barbara Liskov')
    await signedInAs(pane, 'barbara')
    await pane
      .getByText('This mailbox is alan@contoso.example. Meetings are created for barbara@contoso.example.')
      .waitFor()
    await addInPane(pane)
    expect(await hosts()).toEqual(['barbara@contoso.example'])
    const stored = await page.context().storageState({ indexedDB: true })
    expect(JSON.stringify(stored.origins)).not.toMatch(/eyJ|barbara@/)

    await page.goto(page.url())
    await (await openPane(page)).getByText('You are not signed in.').waitFor()
  })

  test('of Zoom’s can be chosen, and stays', async () => {
    const page = await openOutlook()
    const pane = await openPane(page)
    await signedInAs(pane, 'ada')
    await switching(page, pane, 'Switch Zoom account', 'Sign in as Barbara Liskov', 'Allow')
    await pane.getByText('New meetings use this Zoom account from now on.').waitFor()
    await addInPane(pane)
    await page.goto(page.url())
    await addZoomMeeting(page)
    expect(await hosts()).toEqual(['barbara@contoso.example', 'barbara@contoso.example'])
    // The next test in this world meets her as everybody knows her.
    await disconnect(await openPane(page))
  })

  test.each([
    ['Switch account', 'no-bridge', 'alan'],
    ['Switch Zoom account', 'exchange-online', 'ada'],
  ] as const)(
    '%s, and closing the window: all stays as it was, and nothing is an error',
    async (what, mailbox, name) => {
      const page = await openOutlook({ mailbox })
      const pane = await openPane(page)
      if (mailbox === 'no-bridge') await signInThere(page, pane, 'Sign in as Alan Turing')
      await signedInAs(pane, name)
      await switching(page, pane, what)
      await signedInAs(pane, name)
      expect(await pane.getByText('cancelled').count()).toBe(0)
    },
  )
})

test('nothing about the person is on disk', async () => {
  const page = await openOutlook({ mailbox: 'no-bridge' })
  await signInAt(page, 'Sign in as Alan Turing')
  await added(page)
  const stored = await page.context().storageState({ indexedDB: true })
  expect(JSON.stringify(stored.origins)).not.toMatch(/eyJ|alan@/)
})
