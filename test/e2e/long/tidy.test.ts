import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FrameLocator, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { addZoomMeeting, ask, openOutlook, picture, simulator, world } from '../outlook.ts'

beforeEach(simulator.reset)

const stands = 'The Zoom meeting was removed. Its invitation is still in the text.'
const body = (page: Page) => page.getByRole('textbox', { name: 'Body' })
const html = (page: Page) => body(page).evaluate((element) => element.innerHTML)
/** As Outlook, or the person, changes the text. */
const change = (page: Page, how: (element: HTMLElement) => void) =>
  body(page).evaluate((element, source) => {
    new Function('element', `(${source})(element)`)(element)
    element.dispatchEvent(new Event('input', { bubbles: true }))
  }, String(how))
/** What was asked of Outlook about the text, in this order. */
const asked = async () =>
  (await simulator.ledger()).flatMap((e) =>
    e.kind === 'outlook' && e.call.startsWith('body.') ? e.call : [],
  )

function paneOf(page: Page): FrameLocator {
  return page.frameLocator('iframe[title="Zoom settings"]')
}

/** An appointment with its meeting, and the pane beside it, where the person has switched on what this is about. */
async function openTidy(appointment: Parameters<typeof openOutlook>[0] = {}): Promise<Page> {
  const page = await openOutlook(appointment)
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  await paneOf(page).getByRole('switch', { name: 'Tidy the invitation text' }).check()
  await addZoomMeeting(page)
  return page
}

/** Once the pane shows the meeting that there is. */
async function remove(page: Page): Promise<void> {
  const meeting = (await simulator.meetings()).at(-1)
  await paneOf(page)
    .getByRole('link', { name: String(meeting?.join_url) })
    .waitFor()
  await paneOf(page).getByRole('button', { name: 'Remove Zoom meeting' }).click()
  await paneOf(page).getByRole('button', { name: 'Yes, remove' }).click()
  await paneOf(page).getByText('Zoom meeting removed').waitFor()
}

/** A bold word, a link, a picture, a table, a comment and a signature, as a browser writes them. */
const rich = [
  '<p>Hello <b>all</b>,&nbsp; see <a href="https://contoso.example/?a=1&amp;b=2">the numbers</a>.</p>',
  '<p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="logo"></p><!-- kept -->',
  '<table><tbody><tr><td style="color: red;">1</td></tr></tbody></table>',
  '<div id="Signature"><div>Ada<br>Contoso</div></div>',
].join('\n')

describe('when the person has the invitation text tidied', () => {
  test('removing takes the invitation out, and everything else stays letter by letter', async () => {
    const page = await openTidy({ body: rich })
    expect(await html(page)).not.toBe(rich)
    await remove(page)
    await page.getByText('The Zoom meeting was removed.', { exact: true }).waitFor()
    expect(await html(page)).toBe(rich)
    expect(await asked()).toEqual([
      'body.prependAsync',
      'body.getTypeAsync',
      'body.getAsync',
      'body.setAsync',
    ])
  })

  test('so it is in a text without formatting', async () => {
    const text = 'Hello all,\n\n  see below & <there>.\n'
    const page = await openTidy({ bodyType: 'text', body: text })
    expect(await body(page).textContent()).toMatch(/^Join Zoom Meeting\nhttps:/)
    await change(page, (element) => element.append('Regards\n'))
    await remove(page)
    expect(await body(page).textContent()).toBe(`${text}Regards\n`)
  })

  test('what was typed close before and behind it stays', async () => {
    const page = await openTidy({ body: rich })
    await change(page, (element) => {
      element.querySelector('#zoom-invitation')?.before('Please note: ')
      element.querySelector('#zoom-invitation + br')?.replaceWith('bring coffee')
    })
    await remove(page)
    expect(await html(page)).toBe(`Please note: bring coffee${rich}`)
  })

  test.each<[string, (element: HTMLElement) => void]>([
    [
      'gives it another id',
      (e) => e.querySelector('#zoom-invitation')?.setAttribute('id', 'x_x_zoom-invitation'),
    ],
    [
      'puts attributes on all of it',
      (e) => {
        for (const one of e.querySelectorAll('#zoom-invitation, #zoom-invitation *')) {
          one.setAttribute('class', 'MsoNormal')
          one.setAttribute('style', 'margin: 0px;')
          one.setAttribute('title', 'a > b')
        }
      },
    ],
    [
      'writes its tags in another way, with other blanks',
      (e) => {
        const block = e.querySelector('#zoom-invitation') as HTMLElement
        const inner = block.innerHTML.replace(/strong>/g, 'b>').replace(/<br>/g, '<br>\n  ')
        block.innerHTML = `\n<div class="x">\n<span>${inner.replace(/ID: /, 'ID:&nbsp;')}</span></div>\n`
      },
    ],
    ['puts all of the text into one more element', (e) => (e.innerHTML = `<div>${e.innerHTML}</div>`)],
  ])('an Outlook that %s does not hide it', async (_, how) => {
    const page = await openTidy()
    await change(page, how)
    await remove(page)
    expect(await body(page).innerText()).not.toContain('Zoom')
    expect(await body(page).innerText()).toContain('Hello all,')
  })

  test.each<[string, (element: HTMLElement) => void]>([
    ['wrote into it', (e) => e.querySelector('#zoom-invitation p')?.append(' (dial in early)')],
    ['took a line out of it', (e) => e.querySelector('#zoom-invitation p:last-child')?.remove()],
    [
      'put a picture into it',
      (e) => {
        const place = e.querySelector('#zoom-invitation p')
        if (place) place.innerHTML += '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
      },
    ],
    [
      'took its frame away',
      (e) => {
        const block = e.querySelector('#zoom-invitation')
        block?.replaceWith(...block.childNodes)
      },
    ],
    [
      'has a picture in the text that Outlook keeps beside it',
      (e) => (e.innerHTML += '<img src="cid:image001.png@01DC">'),
    ],
  ])('the text stays as it is, and the person is told, when somebody %s', async (_, how) => {
    const page = await openTidy()
    await change(page, how)
    const before = await html(page)
    await remove(page)
    await page.getByText(stands).waitFor()
    expect(await html(page)).toBe(before)
    expect(await asked()).not.toContain('body.setAsync')
  })

  test('an invitation that the person has taken out is not spoken of', async () => {
    const page = await openTidy()
    await change(page, (element) => element.querySelector('#zoom-invitation')?.remove())
    await remove(page)
    await page.getByText('The Zoom meeting was removed.', { exact: true }).waitFor()
  })

  test.each(['body.getTypeAsync', 'body.getAsync', 'body.setAsync'])(
    'an Outlook that refuses %s leaves the text as it is, and the meeting is removed',
    async (match) => {
      const page = await openTidy()
      const before = await html(page)
      await simulator.fault({ vendor: 'outlook', match, code: 9020, times: 'always' })
      await remove(page)
      await page.getByText(stands).waitFor()
      expect(await html(page)).toBe(before)
      expect(await simulator.meetings()).toEqual([])
    },
  )

  test('a meeting that was made anew has the only invitation', async () => {
    const page = await openTidy({ body: rich })
    const [gone] = await simulator.meetings()
    await makeAnew(page)
    await page
      .getByText('The old Zoom meeting no longer exists. Send everybody the new link.', {
        exact: true,
      })
      .waitFor()
    const text = await html(page)
    expect(text.match(/Join Zoom Meeting/g)).toHaveLength(1)
    expect(text).not.toContain(gone?.join_url)
    expect(text.endsWith(rich)).toBe(true)
    expect(await page.getByLabel('Location').inputValue()).not.toContain(gone?.join_url)
  })

  test('so has one that was made anew while it was sent', async () => {
    const page = await openTidy({ body: rich })
    await lose()
    await page.getByLabel('Title').fill('Renamed')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('Sent to one person.').waitFor()
    const [sent] = (await simulator.appointments()) as unknown as { body: string }[]
    expect(sent?.body.match(/Join Zoom Meeting/g)).toHaveLength(1)
    expect(sent?.body).toContain((await simulator.meetings()).at(-1)?.join_url)
    expect(sent?.body.endsWith(rich)).toBe(true)
  })

  test('Outlook keeps that, and nothing else, for the next appointment', async () => {
    const page = await openTidy()
    const kept = async () =>
      (await simulator.ledger()).flatMap((e) =>
        e.kind === 'outlook' && e.call === 'roamingSettings.saveAsync' ? [e.params] : [],
      )
    await expect.poll(kept).toEqual([[{ tidyInvitation: 'true' }]])
    await page.reload()
    await page.getByRole('button', { name: 'Zoom settings' }).click()
    const choice = paneOf(page).getByRole('switch')
    await expect.poll(() => choice.isChecked()).toBe(true)
    await simulator.fault({
      vendor: 'outlook',
      match: 'roamingSettings.saveAsync',
      code: 9019,
      times: 'always',
    })
    await choice.click()
    await paneOf(page).getByRole('alert').getByText('Outlook did not answer. Try again.').waitFor()
    await expect.poll(() => choice.isChecked()).toBe(true)
  })

  test('nothing of text, attendees or location leaves Outlook', async () => {
    const canaries = ['canary-attendee@fabrikam.example', 'canary-location', 'canary-text', 'canary-inside']
    const page = await openTidy({
      required: canaries[0] as string,
      location: canaries[1] as string,
      body: `<p>${canaries[2]}</p>`,
    })
    // What PostgreSQL writes of a later change leaves out what stayed the same, such as an id's first digits.
    const first = (await simulator.meetings()).at(-1)
    await makeAnew(page)
    await page.getByText('Send everybody the new link.').waitFor()
    await change(page, (element) => element.querySelector('#zoom-invitation p')?.append('canary-inside'))
    await remove(page)
    await page.getByText(stands).waitFor()
    expect((await asked()).filter((call) => call === 'body.getAsync')).toHaveLength(2)

    const ledger = await simulator.ledger()
    const elsewhere = [
      JSON.stringify(ledger.filter(({ kind }) => kind === 'service')),
      JSON.stringify([await simulator.zoomRequests(), await simulator.meetings()]),
      await ask('GET', '/simulator/service/log'),
      database(),
    ]
    expect(elsewhere[3], 'the database is looked into').toContain(String(first?.id))
    for (const canary of canaries) for (const place of elsewhere) expect(place).not.toContain(canary)
    const reads = ledger.flatMap((e) => (e.kind === 'outlook' && e.call.endsWith('.getAsync') ? e.call : []))
    expect(new Set(reads)).toEqual(
      new Set(['subject.getAsync', 'start.getAsync', 'end.getAsync', 'recurrence.getAsync', 'body.getAsync']),
    )
  })
})

describe('without that', () => {
  test('a text is never read, and an invitation that counts no more is spoken of', async () => {
    const page = await openOutlook()
    await page.getByRole('button', { name: 'Zoom settings' }).click()
    expect(await paneOf(page).getByRole('switch').isChecked()).toBe(false)
    await addZoomMeeting(page)
    await makeAnew(page)
    await page.getByText('An earlier invitation is still in the text.').waitFor()
    expect((await html(page)).match(/Join Zoom Meeting/g)).toHaveLength(2)
    await remove(page)
    await page.getByText(stands).waitFor()
    expect(new Set(await asked())).toEqual(new Set(['body.prependAsync']))
  })
})

/** The policy of the organisation, as the service tells the add-in. */
const decide = (tidy: 'on' | 'off') =>
  simulator.fault({
    vendor: 'service',
    match: 'GET /me',
    status: 200,
    body: { proof: 'entra', zoomLinked: true, tidy, everyMeeting: false },
    times: 'always',
  })

test('an organisation can switch it off for everybody: no text is read though the person had it tidied', async () => {
  await (await openTidy()).close()
  await decide('off')
  const page = await openOutlook({ body: rich })
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  await paneOf(page).getByText('Your organisation has switched this off.').waitFor()
  const choice = paneOf(page).getByRole('switch')
  expect([await choice.isChecked(), await choice.isDisabled()]).toEqual([false, true])
  await addZoomMeeting(page)
  await remove(page)
  await page.getByText(stands).waitFor()
  expect(new Set(await asked())).toEqual(new Set(['body.prependAsync']))
})

test('without an answer of the service about that, no text is read', async () => {
  const page = await openTidy()
  await simulator.fault({ vendor: 'service', match: 'GET /me', status: 503, times: 'always' })
  await remove(page)
  await page.getByText(stands).waitFor()
  expect(new Set(await asked())).toEqual(new Set(['body.prependAsync']))
})

test('an organisation can switch it on for everybody, and the pane says so', async () => {
  await decide('on')
  const page = await openOutlook({ body: rich })
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  await paneOf(page).getByText('Your organisation has switched this on.').waitFor()
  const choice = paneOf(page).getByRole('switch')
  expect([await choice.isChecked(), await choice.isDisabled()]).toEqual([true, true])
  await addZoomMeeting(page)
  await picture(page, 'tidied for everybody')
  await remove(page)
  expect(await html(page)).toBe(rich)
})

/** Zoom has the meeting no more. */
const lose = () =>
  simulator.fault({
    vendor: 'zoom',
    match: 'GET /v2/meetings',
    status: 404,
    body: { code: 3001, message: 'Meeting does not exist.' },
  })

/** The person makes a meeting follow that Zoom has no more. */
async function makeAnew(page: Page): Promise<void> {
  await lose()
  await page.getByLabel('Title').fill('Renamed')
  await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
}

/** Every byte that the service's database has on disk. */
function database(): string {
  return readdirSync(world.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('')
}
