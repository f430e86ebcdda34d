import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { freePort } from '../../../src/simulator/kit/free-port.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { endsWithUs, type Service } from '../../../src/simulator/service.ts'
import { openWorld } from '../../../src/simulator/world.ts'
import { openBalancer } from '../../balancer.ts'
import { createDatabase } from '../../kit.ts'
import { openConsole } from '../administrator.ts'
import { addZoomMeeting, openPane } from '../outlook.ts'
import { simulatorOf } from '../simulator.ts'
import { startBrowser } from '../start-browser.ts'

describe.skipIf(!inject('postgres'))(
  'two processes behind a balancer that sends each request to the next',
  () => {
    const closing = new AbortController()
    const folder = temporaryFolder()
    const processes: { origin: string; child: ChildProcess }[] = []
    let balancer: Awaited<ReturnType<typeof openBalancer>>
    let browser: Awaited<ReturnType<typeof startBrowser>>
    let world: Awaited<ReturnType<typeof openWorld>>

    beforeAll(async () => {
      balancer = await openBalancer()
      const startService = async (settings: Record<string, string | undefined>): Promise<Service> => {
        for (let count = 0; count < 2; count++) {
          const port = String(await freePort())
          const env = { ...settings, PORT: port, DRAIN_SECONDS: '3' }
          const child = spawn(process.execPath, ['--import', endsWithUs, 'dist/service/main.js'], {
            env,
            stdio: ['pipe', 'ignore', 'inherit'],
          })
          processes.push({ origin: `http://127.0.0.1:${port}`, child })
          balancer.add(`http://127.0.0.1:${port}`)
        }
        const url = balancer.origin
        const ready = vi.waitFor(() => expect(balancer.ready()).toHaveLength(2), { timeout: 120_000 })
        const closed = once(closing.signal, 'abort').then(() => {})
        return { url, metrics: url, ready: ready.then(() => {}), closed, log: () => '' }
      }
      const databaseUrl = await createDatabase()
      const options = { port: 'anywhere', dataDir: folder.path, databaseUrl, startService, say() {} } as const
      world = await openWorld(options, closing.signal)
      browser = await startBrowser([world.certificate.fingerprint])
    })
    afterAll(async () => {
      await browser?.close()
      closing.abort()
      await world?.closed
      for (const { child } of processes) child.kill('SIGKILL')
      balancer?.close()
      await folder.remove()
    })

    test('serve a person and an administrator, and one that is stopped in the middle fails no request', async () => {
      const context = await browser.newContext({ timezoneId: 'UTC', reducedMotion: 'reduce' })
      const open = async (asked: Record<string, string>): Promise<Page> => {
        const page = await context.newPage()
        page.setDefaultTimeout(120_000)
        await page.goto(`${world.outlook}/?${new URLSearchParams(asked)}`)
        return page
      }
      const simulator = simulatorOf(world)
      /** Who has answered since it was asked last. */
      let seen = 0
      const answered = () => {
        const by = new Set(balancer.passed.slice(seen).map((one) => one.by))
        seen = balancer.passed.length
        return by.size
      }

      // A person signs in in a window, and schedules with an option.
      const page = await open({ mailbox: 'no-bridge', subject: 'Quarterly review' })
      const pane = await openPane(page)
      const [popup] = await Promise.all([
        page.waitForEvent('popup'),
        pane.getByRole('button', { name: 'Sign in' }).click(),
      ])
      await popup.getByRole('button', { name: 'Sign in as Alan Turing' }).click()
      await pane.getByText('Signed in as alan@contoso.example').waitFor()
      await pane.getByRole('button', { name: 'Meeting options' }).click()
      await pane.getByRole('switch', { name: 'Waiting room' }).click()
      await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
      await pane.getByText('Up to date', { exact: true }).waitFor()
      const [made] = await simulator.meetings()
      expect(answered()).toBe(2)

      // One process is told to stop, and the person goes on.
      const [first, second] = processes
      const ended = once(first?.child as ChildProcess, 'exit')
      first?.child.kill('SIGTERM')
      await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
      await pane.getByRole('button', { name: 'Yes, remove' }).click()
      await pane.getByRole('button', { name: 'Undo' }).click()
      await pane.getByText('The meeting is back, and its link works again.').waitFor()
      expect(await ended).toEqual([0, null])
      await expect.poll(balancer.ready).toEqual([second?.origin])
      expect((await simulator.meetings()).map(({ id }) => id)).toEqual([made?.id])

      // Classic Outlook has the ticket only.
      const classic = await open({ client: 'windows-classic', subject: 'Tea' })
      await addZoomMeeting(classic)
      await classic.getByLabel('Title').fill('Coffee')
      await classic.getByRole('button', { name: 'Send', exact: true }).click()
      await expect
        .poll(async () => (await simulator.meetings()).map(({ topic }) => topic).sort(), { timeout: 60_000 })
        .toEqual(['Coffee', 'Quarterly review'])

      const console = await openConsole(await context.newPage(), 'admin', world.addin)
      await console.getByRole('table').getByRole('link').first().click()
      await console.getByRole('button', { name: 'Revoke access' }).waitFor()
      expect(balancer.passed.filter(({ status }) => status >= 500)).toEqual([])
      await context.close()
    })
  },
)
