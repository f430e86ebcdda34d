import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { OperationalError } from './kit/operational-error.ts'
import { askCompanion, companionFolder } from './plug-in.ts'
import { endsWithUs } from './service.ts'
import type { ControlRoute } from './vendor.ts'

interface Surroundings {
  /** The project's folder, with the built companion. */
  project: string
  /** The profile of the person on this computer: nothing of the real one is touched. */
  profile: string
  /** The address of the service, and what a program must trust to connect to it. */
  service: string
  trusted: string
}

/** The desktop companion on the person's computer, in its own process, and the plug-in in Outlook that asks it. */
export function companion({ project, profile, service, trusted }: Surroundings, signal: AbortSignal) {
  const env = {
    PATH: process.env.PATH,
    SystemRoot: process.env.SystemRoot,
    HOME: profile,
    NODE_EXTRA_CA_CERTS: trusted,
  }
  const here = { ...env, XDG_RUNTIME_DIR: profile, LOCALAPPDATA: profile }
  let running: { child: ChildProcess; signIn: Promise<string> } | undefined

  function start() {
    const asked = ['dist/companion/main.js', '--service', service, '--no-browser']
    const child = spawn(process.execPath, ['--import', endsWithUs, ...asked], { cwd: project, env: here })
    signal.addEventListener('abort', () => child.kill())
    let words = ''
    child.stderr.on('data', (text) => {
      words += text
    })
    const signIn = new Promise<string>((resolve, reject) => {
      child.on('close', () => {
        running = undefined
        reject(new OperationalError(`The companion has ended. ${words}`))
      })
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [, address] = /^Sign in: (https:\S+)$/.exec(line) ?? []
        if (!address) return
        resolve(address)
        // It asks again when the session has ended.
        if (running) running.signIn = Promise.resolve(address)
      })
    })
    signIn.catch(() => {})
    running = { child, signIn }
    return running
  }

  const routes: ControlRoute[] = [
    [
      'POST',
      '/simulator/companion',
      'Starts the desktop companion on the person’s computer. Answers `{ signIn }`, where the person signs in to it.',
      async (c) => c.json({ signIn: await (running ?? start()).signIn }),
    ],
    [
      'DELETE',
      '/simulator/companion',
      'Ends it.',
      async (c) => {
        const child = running?.child
        if (child?.kill()) await once(child, 'close')
        return c.body(null, 204)
      },
    ],
    [
      'POST',
      '/simulator/plug-in',
      'The plug-in sends `{ method, params }` to the companion. Answers what the companion answers.',
      async (c) => {
        const { method, params } = asking.parse(await c.req.json())
        return c.json(await askCompanion(companionFolder(here), method, params))
      },
    ],
  ]
  return routes
}

const asking = z.strictObject({ method: z.string(), params: z.unknown() })
