import type { Page } from 'playwright-core'
import { expect, inject, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { administrators } from '../../../src/simulator/people.ts'
import { openWorld, type World } from '../../../src/simulator/world.ts'
import { createDatabase, newVaultKey } from '../../kit.ts'
import { hasFocus, openConsole } from '../administrator.ts'
import { looks } from '../looks.ts'
import { picture, violations } from '../outlook.ts'
import { startBrowser } from '../start-browser.ts'

test('one administrator asks for the removal of an older key, and only another one can confirm it', async () => {
  const [grace, dorothy, joan] = await openKeys(await worldWithOlderKey(), ['admin', 'second', 'auditor'])
  const { objectId } = administrators.admin
  await press(grace, 'Ask for removal: old')
  await says(grace, 'Another administrator can now confirm the removal of old.')
  await press(grace, 'Confirm removal: old')
  const refusal = grace
    .getByRole('alert')
    .filter({ hasText: 'You asked for the removal of this key yourself.' })
  await expect.poll(() => hasFocus(refusal)).toBe(true)
  for (const { name, media, size } of Object.values<Look>(looks)) {
    await grace.emulateMedia(media)
    if (size) await grace.setViewportSize(size)
    expect(await violations(grace), name).toEqual([])
    await picture(grace, `console keys ${name}`)
  }

  await read(joan)
  await joan.getByRole('link', { name: objectId }).waitFor()
  expect(await joan.getByRole('main').getByRole('button').count()).toBe(0)

  await read(dorothy)
  await dorothy.getByRole('link', { name: objectId }).waitFor()
  await press(dorothy, 'Withdraw: old')
  await says(dorothy, 'The request to remove old is withdrawn.')
  await press(dorothy, 'Ask for removal: old')
  await says(dorothy, 'Another administrator can now confirm the removal of old.')

  await read(grace)
  await press(grace, 'Confirm removal: old')
  await says(grace, 'old is retired. Remove it from the settings.')
  await picture(grace, 'console keys retired')
  expect(await violations(grace)).toEqual([])
  // Her page does not know it yet.
  await press(dorothy, 'Withdraw: old')
  await dorothy.getByRole('alert').getByText('Nobody has asked for the removal of this key').waitFor()
  await dorothy.getByRole('cell', { name: 'retired' }).waitFor()
})

type Look = (typeof looks)[keyof typeof looks] & { size?: { width: number; height: number } }

/** A world whose service once ran with the key `old`, and now has the key `next` before it. */
async function worldWithOlderKey(): Promise<World> {
  const data = temporaryFolder()
  onTestFinished(data.remove)
  const databaseUrl = inject('postgres') ? await createDatabase() : undefined
  const [old, next] = [newVaultKey('old'), newVaultKey('next')]
  const open = async (keys: string) => {
    const closing = new AbortController()
    const settings = { VAULT_KEYS_FILE: undefined, VAULT_KEYS: keys }
    const options = { port: 'anywhere', dataDir: data.path, databaseUrl, settings, say: () => {} } as const
    const world = await openWorld(options, closing.signal)
    const close = async () => {
      closing.abort()
      await world.closed
    }
    return { world, close }
  }
  await (await open(old)).close()
  const { world, close } = await open(`${next},${old}`)
  onTestFinished(close)
  return world
}

/** The page about keys, in a browser of each of these administrators. */
async function openKeys({ addin, certificate }: World, who: (keyof typeof administrators)[]) {
  const browser = await startBrowser([certificate.fingerprint])
  onTestFinished(() => browser.close())
  return Promise.all(
    who.map(async (one) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
      const page = await context.newPage()
      page.setDefaultTimeout(60_000)
      await openConsole(page, one, addin)
      await page.getByRole('link', { name: 'Keys' }).click()
      await page.getByRole('cell', { name: 'old', exact: true }).waitFor()
      return page
    }),
  ) as Promise<[Page, Page, Page]>
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).focus()
  await page.keyboard.press('Enter')
}

const says = (page: Page, text: string) =>
  expect.poll(() => hasFocus(page.getByRole('status').filter({ hasText: text }))).toBe(true)

/** Reads the keys again. */
async function read(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'People' }).click()
  await page.getByRole('link', { name: 'Keys' }).click()
}
