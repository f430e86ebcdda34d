import { createHash } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { clientId } from '../../../src/simulator/microsoft/app.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { userCredentials } from '../../../src/simulator/zoom/apps.ts'
import { openOutlook, openPane, picture, simulator, violations, world } from '../outlook.ts'

const { addin, entra, zoom } = world
const pkce = {
  response_type: 'code',
  code_challenge: createHash('sha256').update('verifier').digest('base64url'),
  code_challenge_method: 'S256',
}

beforeEach(simulator.reset)

/** Each vendor's pages, and the buttons that lead through them. */
const pages = {
  Microsoft: [
    `${entra}/organizations/oauth2/v2.0/authorize?${new URLSearchParams({
      ...pkce,
      client_id: clientId,
      redirect_uri: `${addin}/addin/dialog/index.html`,
      scope: `api://${clientId}/access_as_user`,
      login_hint: mailboxes['consent-required'].emailAddress,
    })}`,
    ['Sign in as Donald Knuth', 'Accept'],
  ],
  Zoom: [
    `${zoom}/oauth/authorize?${new URLSearchParams({
      ...pkce,
      client_id: userCredentials.clientId,
      redirect_uri: `${addin}/link/zoom/callback`,
    })}`,
    ['Sign in as Ada Lovelace', 'Allow'],
  ],
} as const

test.each(Object.entries(pages))(
  'everyone can sign in on the pages of %s',
  async (vendor, [address, buttons]) => {
    const page = await openOutlook()
    await page.goto(address)
    for (const name of buttons) {
      const button = page.getByRole('button', { name })
      await button.waitFor()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await violations(page)).toEqual([])
      }
      await picture(page, `${vendor}-${name}`)
      await button.click()
    }
    await page.waitForURL(`${addin}/**`)
  },
)

test('who has signed in once in a window is not asked the next time', async () => {
  const page = await openOutlook({ mailbox: 'no-bridge' })
  const pane = await openPane(page)
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    pane.getByRole('button', { name: 'Sign in' }).click(),
  ])
  await popup.getByRole('button', { name: 'Sign in as Alan Turing' }).click()
  await pane.getByText('Signed in as alan@contoso.example').waitFor()
  await page.reload()
  const again = await openPane(page)
  await again.getByText('Signed in as alan@contoso.example').waitFor()
})
