import type { Frame, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { addZoomMeeting, ask, openOutlook, openSignedIn, picture, simulator, violations } from '../outlook.ts'

beforeEach(simulator.reset)

async function openOptions(page: Page): Promise<Frame> {
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  return pane
}
const settings = async () => {
  const [sent] = (await simulator.zoomRequests()).filter(({ method }) => method === 'PATCH').slice(-1)
  return sent?.body
}

test('by keyboard, a person lets people in without a waiting room and has the meeting recorded', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  const waiting = pane.getByRole('switch', { name: 'Waiting room' })
  expect(await waiting.isChecked()).toBe(true)
  await pane.getByText('With the waiting room on, everybody waits for the host.').waitFor()
  await waiting.press('Space')
  await pane.getByRole('status').filter({ hasText: 'Saved in Zoom.' }).waitFor()
  expect(await settings()).toEqual({ settings: { waiting_room: false } })
  await pane.getByLabel('Record automatically').selectOption({ label: 'In the cloud' })
  await expect.poll(settings).toEqual({ settings: { auto_recording: 'cloud' } })
  await pane.getByRole('button', { name: 'Hide meeting options' }).press('Enter')
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  expect(await waiting.isChecked()).toBe(false)
  expect(await pane.getByLabel('Record automatically').inputValue()).toBe('cloud')
})

test('by keyboard, a person names an alternative host; a wrong address and a stranger are said to be', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  const hosts = pane.getByLabel('Alternative hosts')
  await hosts.fill('alan@contoso.example, barbara')
  await hosts.press('Enter')
  await pane.getByText('“barbara” is no e-mail address.').waitFor()
  await hosts.fill(Array.from({ length: 90 }, (_, index) => `host-${index}@contoso.example`).join(', '))
  await hosts.press('Enter')
  await pane.getByText('These are more than Zoom takes.').waitFor()
  await hosts.fill('alan@contoso.example, mallory@elsewhere.example')
  await hosts.press('Enter')
  await pane.getByRole('alert').filter({ hasText: 'Zoom did not accept these alternative hosts.' }).waitFor()
  await hosts.fill('alan@contoso.example, barbara@contoso.example')
  await hosts.press('Enter')
  await pane.getByRole('status').filter({ hasText: 'Saved in Zoom.' }).waitFor()
  expect(await settings()).toEqual({
    settings: { alternative_hosts: 'alan@contoso.example;barbara@contoso.example' },
  })
  expect(await hosts.evaluate((one) => one === document.activeElement)).toBe(true)
  await hosts.fill('barb')
  await hosts.press('Enter')
  await pane.getByText('“barb” is no e-mail address.').waitFor()
  expect(await pane.getByText('Saved in Zoom.').count()).toBe(0)
})

test('an option that the Zoom account has locked goes back, and says who decides', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  await ask('POST', '/simulator/situations/zoom-waiting-room-locked')
  await pane.getByRole('switch', { name: 'Waiting room' }).press('Space')
  await pane.getByText('Your Zoom account decides this.').waitFor()
  const waiting = pane.getByRole('switch', { name: 'Waiting room' })
  expect([await waiting.isChecked(), await waiting.isDisabled()]).toEqual([true, true])
})

test('while Zoom does not answer, the option goes back with a sentence, and a second try reads them', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  await simulator.fault({ vendor: 'zoom', match: 'PATCH /v2/meetings', status: 503, times: 'always' })
  await pane.getByRole('switch', { name: 'Mute people when they join' }).press('Space')
  await pane.getByRole('alert').filter({ hasText: 'Zoom did not answer.' }).waitFor()
  expect(await pane.getByRole('switch', { name: 'Mute people when they join' }).isChecked()).toBe(false)
  await simulator.mend()
  await pane.getByRole('button', { name: 'Read the options again' }).click()
  await pane.getByRole('alert').waitFor({ state: 'detached' })
  expect(await pane.getByRole('switch', { name: 'Waiting room' }).isChecked()).toBe(true)
})

test('the meeting was removed in Zoom: the options say so, and offer another one', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  const [meeting] = await simulator.meetings()
  await ask('DELETE', `/simulator/zoom/meetings/${meeting?.id}`)
  await pane.getByRole('switch', { name: 'Waiting room' }).press('Space')
  await pane.getByRole('alert').getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await expect.poll(async () => (await simulator.meetings()).length).toBe(1)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect((await simulator.meetings())[0]?.id).not.toBe(meeting?.id)
})

async function openNew(page: Page): Promise<Frame> {
  const pane = await openSignedIn(page)
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  return pane
}
const posted = async () => {
  const sent = (await simulator.zoomRequests()).filter(
    ({ method, path }) => method === 'POST' && path.includes('/meetings'),
  )
  return (sent.at(-1)?.body as { settings?: object } | undefined)?.settings
}

test('defaults are on every device: another pane has them, and the button of the ribbon uses them', async () => {
  const first = await openNew(await openOutlook())
  await first.getByRole('switch', { name: 'Waiting room' }).press('Space')
  await first.getByRole('button', { name: 'Save as my defaults' }).press('Enter')
  await first.getByRole('status').filter({ hasText: 'on every device' }).waitFor()
  const page = await openOutlook()
  const pane = await openNew(page)
  expect(await pane.getByRole('switch', { name: 'Waiting room' }).isChecked()).toBe(false)
  await addZoomMeeting(page)
  expect(await posted()).toEqual({ calendar_type: 1, waiting_room: false })
  await first.getByRole('button', { name: 'Forget my defaults' }).press('Enter')
  await expect.poll(() => first.getByRole('button', { name: 'Forget my defaults' }).count()).toBe(0)
})

test('defaults that another pane has saved meanwhile stay', async () => {
  const [first, second] = [await openNew(await openOutlook()), await openNew(await openOutlook())]
  const save = async (pane: Frame) => {
    await pane.getByRole('button', { name: 'Save as my defaults' }).press('Enter')
    await pane.getByRole('status').filter({ hasText: 'on every device' }).waitFor()
  }
  await first.getByRole('switch', { name: 'Waiting room' }).press('Space')
  await save(first)
  await second.getByLabel('Record automatically').selectOption({ label: 'In the cloud' })
  await save(second)
  await addZoomMeeting(await openOutlook())
  expect(await posted()).toEqual({ calendar_type: 1, waiting_room: false, auto_recording: 'cloud' })
  await second.getByRole('button', { name: 'Forget my defaults' }).press('Enter')
  await expect.poll(() => second.getByRole('button', { name: 'Forget my defaults' }).count()).toBe(0)
})

test('by keyboard, a template is saved under a name, chosen for the next meeting, and deleted', async () => {
  const pane = await openNew(await openOutlook())
  await pane.getByRole('button', { name: 'Save as template' }).press('Enter')
  await pane.getByText('Give the template a name.').waitFor()
  await pane.getByLabel('Record automatically').selectOption({ label: 'In the cloud' })
  await pane.getByLabel('Name of the template').fill('Training')
  await pane.getByLabel('Name of the template').press('Enter')
  await pane.getByRole('status').filter({ hasText: 'on every device' }).waitFor()
  const page = await openOutlook()
  const other = await openNew(page)
  await other.getByLabel('Template', { exact: true }).selectOption({ label: 'Training' })
  expect(await other.getByLabel('Record automatically').inputValue()).toBe('cloud')
  await other.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await other.getByText('Up to date', { exact: true }).waitFor()
  expect(await posted()).toEqual({ calendar_type: 1, auto_recording: 'cloud' })
  await pane.getByLabel('Template', { exact: true }).selectOption({ label: 'Training' })
  await pane.getByRole('button', { name: 'Delete template' }).press('Enter')
  await expect
    .poll(() =>
      pane
        .getByLabel('Template', { exact: true })
        .locator('option', { hasText: /^Training$/ })
        .count(),
    )
    .toBe(0)
})

test('before there is a meeting, what Zoom has locked says so, and what the account lacks is not offered', async () => {
  for (const situation of ['zoom-options-locked', 'zoom-few-features'])
    await ask('POST', `/simulator/situations/${situation}`)
  const pane = await openNew(await openOutlook())
  expect(await pane.getByText('Your Zoom account decides this.').count()).toBe(3)
  expect(await pane.getByRole('switch', { name: 'Waiting room' }).isDisabled()).toBe(true)
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  const search = pane.getByLabel('Search options')
  await search.fill('interpreter')
  await pane.getByRole('status').filter({ hasText: 'No option has these words.' }).waitFor()
  await search.fill('encr')
  expect(await pane.getByLabel('Encryption').locator('option').allTextContents()).toEqual(['Enhanced'])
})

test('what Zoom does not take for a new meeting is said once the meeting is there', async () => {
  const pane = await openNew(await openOutlook())
  await pane.getByLabel('Alternative hosts').fill('stranger@elsewhere.example')
  await pane.getByLabel('Alternative hosts').press('Enter')
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByRole('alert').filter({ hasText: 'Zoom did not take: Alternative hosts.' }).waitFor()
  expect(await posted()).toEqual({ calendar_type: 1 })
})

test('while Zoom does not answer about the account, every option is offered, and a meeting can be added', async () => {
  for (const match of ['/settings', 'lock_settings'])
    await simulator.fault({ vendor: 'zoom', match, status: 503, times: 'always' })
  const pane = await openSignedIn(await openOutlook())
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByLabel('Waiting room').selectOption({ label: 'Off' })
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await posted()).toEqual({ calendar_type: 1, waiting_room: false })
})

test('a new passcode is in the appointment’s invitation, with the link that has it', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  const link = await pane.getByRole('link').first().getAttribute('href')
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  const passcode = pane.getByLabel('Passcode', { exact: true })
  await passcode.fill('no spaces')
  await passcode.press('Enter')
  await pane.getByText('is no passcode.').waitFor()
  await passcode.fill('Ab42')
  await passcode.press('Enter')
  await expect.poll(() => pane.getByRole('definition').filter({ hasText: 'Ab42' }).count()).toBe(1)
  expect(await pane.getByRole('link').first().getAttribute('href')).not.toBe(link)
  expect((await simulator.meetings())[0]?.password).toBe('Ab42')
})

test('by keyboard, a person chooses how people sign in; once the account loses that, the pane names it', async () => {
  const page = await openOutlook()
  const pane = await openNew(page)
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  const profile = pane.getByLabel('How people sign in')
  expect(await profile.count()).toBe(0)
  await pane.getByRole('switch', { name: 'Only people who are signed in can join' }).press('Space')
  expect(await profile.locator('option').allTextContents()).toEqual([
    'Sign in to Zoom',
    'Contoso only',
    'Partners (contoso.example,fabrikam.example)',
  ])
  expect(await profile.locator('option:checked').textContent()).toBe('Sign in to Zoom')
  await profile.selectOption({ label: 'Contoso only' })
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await posted()).toMatchObject({ authentication_option: 'internally_5BxJuqWVQ623CI4Q8yQK0Q' })
  await ask('POST', '/simulator/situations/zoom-profile-gone')
  await pane.getByRole('button', { name: 'Hide meeting options' }).press('Enter')
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  await pane.getByText('“Contoso only” is no longer in your Zoom account.').waitFor()
  await pane.getByLabel('How people sign in').selectOption({ label: 'Sign in to Zoom' })
  await pane.getByRole('status').filter({ hasText: 'Saved in Zoom.' }).waitFor()
  expect(await settings()).toEqual({ settings: { authentication_option: 'signIn_D8cJuqWVQ623CI4Q8yQK0Q' } })
  expect(await pane.getByLabel('How people sign in').inputValue()).toBe('signIn_D8cJuqWVQ623CI4Q8yQK0Q')
})

test('by keyboard, a person lets the next meeting use more data centres, named in their language', async () => {
  const pane = await openNew(await openOutlook())
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  await pane.getByLabel('Search options').fill('data')
  await pane.getByRole('status').filter({ hasText: '1 option' }).waitFor()
  const regions = pane.getByRole('group', { name: 'More data centres' })
  expect(await regions.getByRole('switch', { name: 'Germany' }).count()).toBe(0)
  await regions.getByRole('switch', { name: 'Japan' }).press('Space')
  await regions.getByRole('switch', { name: 'Latin America' }).press('Space')
  await regions.getByRole('switch', { name: 'India' }).press('Space')
  await regions.getByRole('switch', { name: 'India' }).press('Space')
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await posted()).toEqual({ calendar_type: 1, additional_data_center_regions: ['TY', 'LA'] })
  expect(await pane.getByText('Zoom did not take').count()).toBe(0)
})

test('by keyboard, on 320 pixels, a person names interpreters; what is wrong is said beside it', async () => {
  const page = await openOutlook()
  await page.setViewportSize({ width: 320, height: 2400 })
  const pane = await openNew(page)
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  await pane.getByLabel('Search options').fill('interpreter')
  await pane.getByRole('switch', { name: 'Language interpretation', exact: true }).press('Space')
  await pane.getByRole('switch', { name: 'Sign language interpretation' }).press('Space')
  const form = pane.getByRole('form', { name: 'Interpreters', exact: true })
  const add = form.getByRole('button', { name: 'Add interpreter' })
  await add.press('Enter')
  const first = form.getByRole('group', { name: 'Interpreter 1' })
  const address = first.getByLabel('E-mail address')
  await expect.poll(() => address.evaluate((one) => one === document.activeElement)).toBe(true)
  await page.keyboard.type('yann')
  await page.keyboard.press('Enter')
  await first.getByText('“yann” is no e-mail address.').waitFor()
  await address.press('End')
  await page.keyboard.type('@i.example')
  await first.getByLabel('Second language').selectOption({ label: 'English' })
  await form.getByRole('button', { name: 'Save: Interpreters' }).press('Enter')
  await first.getByText('Choose two different languages.').waitFor()
  await first.getByLabel('Second language').selectOption({ label: 'Breton' })
  await picture(page, 'interpreters')
  expect(await violations(pane)).toEqual([])
  const sideways = await pane.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(sideways, 'what the pane cannot show at once').toBe(0)
  await form.getByRole('button', { name: 'Save: Interpreters' }).press('Enter')
  const signing = pane.getByRole('form', { name: 'Sign language interpreters' })
  await signing.getByRole('button', { name: 'Add interpreter' }).press('Enter')
  await page.keyboard.type('signer@i.example')
  await page.keyboard.press('Enter')
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await posted()).toEqual({
    calendar_type: 1,
    language_interpretation: {
      enable: true,
      interpreters: [{ email: 'yann@i.example', interpreter_languages: 'English,Breton' }],
    },
    sign_language_interpretation: {
      enable: true,
      interpreters: [{ email: 'signer@i.example', sign_language: 'American' }],
    },
  })
  expect(await pane.getByText('Zoom did not take').count()).toBe(0)
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  expect(await address.inputValue()).toBe('yann@i.example')
  await form.getByRole('button', { name: 'Remove interpreter 1' }).press('Enter')
  await expect.poll(() => add.evaluate((one) => one === document.activeElement)).toBe(true)
  await form.getByRole('button', { name: 'Save: Interpreters' }).press('Enter')
  await pane.getByRole('status').filter({ hasText: 'Saved in Zoom.' }).waitFor()
  expect(await settings()).toEqual({ settings: { language_interpretation: { interpreters: [] } } })
})

test('a template of the Zoom account is chosen for the next meeting', async () => {
  const pane = await openNew(await openOutlook())
  await pane.getByLabel('Template', { exact: true }).selectOption({ label: 'Panel' })
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  const sent = (await simulator.zoomRequests()).filter(({ method }) => method === 'POST')
  expect(sent.at(-1)?.body).toMatchObject({ template_id: 'panel-template' })
  expect(await pane.getByText('Zoom did not take').count()).toBe(0)
})

test('all options of a new meeting have no fault that axe can find, on 320 pixels too', async () => {
  const page = await openOutlook()
  const pane = await openNew(page)
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  for (const [name, media, width] of looks) {
    await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
    await page.setViewportSize({ width, height: 2400 })
    await picture(page, `all options ${name}`)
    expect(await violations(pane), name).toEqual([])
    const sideways = await pane.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(sideways, 'what the pane cannot show at once').toBe(0)
  }
})

const looks = [
  ['light', {}, 1280],
  ['dark', { colorScheme: 'dark' }, 1280],
  ['high contrast', { forcedColors: 'active' }, 1280],
  ['narrow', {}, 320],
] as const

test('the options have no fault that axe can find, in light, dark and high contrast, on 320 pixels', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  for (const [name, media, width] of looks) {
    await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
    await page.setViewportSize({ width, height: 1400 })
    await picture(page, `options ${name}`)
    expect(await violations(pane), name).toEqual([])
    const sideways = await pane.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(sideways, 'what the pane cannot show at once').toBe(0)
  }
})
