import { beforeEach, expect, test } from 'vitest'
import { allowEverybody, openConsole } from '../administrator.ts'
import { ask, simulator, world } from '../outlook.ts'
import { ada, button, openWithPlugIn, signIn, startCompanion } from '../plug-in.ts'

beforeEach(simulator.reset)

test('nobody but the person signs the companion in, and it asks again when the person cancels or is revoked', async () => {
  const { page, window } = await openWithPlugIn('Plug-in')
  const asked = new URL(JSON.parse(await ask('POST', '/simulator/companion')).signIn).searchParams
  const callBack = async (said: Record<string, string>, path = '/') =>
    (await fetch(`${new URL(path, asked.get('redirect_uri') ?? '')}?${new URLSearchParams(said)}`)).status
  const { state = '', ...rest } = Object.fromEntries(asked)
  expect(rest).toMatchObject({ scope: 'meetings', response_type: 'code', code_challenge_method: 'S256' })
  const iss = world.addin
  expect(await callBack({ code: 'stolen', state: 'guessed', iss })).toBe(404)
  expect(await callBack({ error: 'access_denied', state: 'guessed', iss })).toBe(404)
  expect(await callBack({ code: 'stolen', state, iss }, '/other')).toBe(404)
  const schedule = async (answer: string) => {
    // The companion may still be redeeming its code: then it answers as before, and the person tries again.
    await expect
      .poll(
        async () => {
          await button(page, 'Schedule a meeting').click()
          return page.getByText(answer).isVisible()
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe(true)
  }
  await schedule('Sign in to continue.')

  // What another server says in this one's name ends the sign-in, and the next request begins another one.
  await callBack({ code: 'stolen', state, iss: 'https://evil.example' })
  await window.close()
  const again = async () => {
    await button(page, 'Schedule a meeting').click()
    return new URL(JSON.parse(await ask('POST', '/simulator/companion')).signIn).searchParams.get('state')
  }
  await expect.poll(again).not.toBe(state)
  const second = await startCompanion(page)
  await second.getByRole('button', { name: 'Cancel' }).click()
  await second.getByText('You can close this page.').waitFor()
  await second.close()
  await schedule('Sign in to continue.')
  await signIn(await startCompanion(page))
  await schedule('Scheduled in Zoom.')

  const console = await openConsole(await page.context().newPage())
  await console.getByRole('link', { name: ada.objectId }).click()
  await console.getByRole('button', { name: 'Revoke access' }).click()
  await console.getByRole('button', { name: /^Yes/ }).click()
  await console.getByRole('button', { name: 'Allow again' }).waitFor()
  await schedule('Sign in to continue.')
  expect(await simulator.meetings()).toHaveLength(1)
  await allowEverybody(console)
  await signIn(await startCompanion(page))
  await schedule('Scheduled in Zoom.')
  expect(await simulator.meetings()).toHaveLength(1)
})
