import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

type Environment = Record<string, string | undefined>

/** Where Chrome, Edge and Chromium are installed on each system, in order of preference. */
const places: Partial<Record<NodeJS.Platform, (environment: Environment) => string[]>> = {
  linux: ({ PATH = '' }) => {
    const names = [
      'google-chrome-stable',
      'google-chrome',
      'chromium',
      'chromium-browser',
      'microsoft-edge-stable',
      'microsoft-edge',
    ]
    const folders = [...PATH.split(delimiter), '/usr/bin', '/opt/google/chrome', '/snap/bin']
    return names.flatMap((name) => folders.map((folder) => join(folder, name)))
  },
  darwin: ({ HOME = '' }) =>
    ['Google Chrome', 'Microsoft Edge', 'Chromium'].flatMap((name) =>
      ['/Applications', join(HOME, 'Applications')].map((folder) =>
        join(folder, `${name}.app/Contents/MacOS/${name}`),
      ),
    ),
  win32: (environment) =>
    [
      'Google\\Chrome\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
      'Chromium\\Application\\chrome.exe',
    ].flatMap((program) =>
      ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].map((folder) =>
        join(environment[folder] ?? 'C:\\Program Files', program),
      ),
    ),
}

/** The path of an installed Chrome, Edge or Chromium. CHROME_PATH overrides it. */
export function findBrowser(environment: Environment = process.env): string | undefined {
  const { CHROME_PATH } = environment
  if (CHROME_PATH) return CHROME_PATH
  return places[process.platform]?.(environment).find((place) => existsSync(place))
}

/** Flags for a new profile: no first-run questions, and no access to the system's key ring. */
const quiet = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-search-engine-choice-screen',
  '--password-store=basic',
  '--use-mock-keychain',
  '--test-type',
]

/** Opens a page in a browser with a temporary profile that trusts one certificate key. The signal closes it. */
export function openBrowser(program: string, page: string, fingerprint: string, signal: AbortSignal) {
  const profile = temporaryFolder()
  const child = spawn(
    program,
    [
      `--user-data-dir=${profile.path}`,
      `--ignore-certificate-errors-spki-list=${fingerprint}`,
      ...quiet,
      // Chromium has no sandbox for root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      page,
    ],
    { stdio: 'ignore', detached: process.platform !== 'win32' },
  )
  return { closed: closing(child, signal).finally(profile.remove) }
}

/** Resolves when the browser has ended; rejects if its exit code is an error and we did not stop it. */
async function closing(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const atOnce = () => end(child, 'SIGKILL')
  process.once('exit', atOnce)
  signal.addEventListener('abort', () => {
    end(child, 'SIGTERM')
    setTimeout(atOnce, 1000).unref()
  })
  const [code] = await once(child, 'exit')
  process.off('exit', atOnce)
  if (code && !signal.aborted) throw new Error(`it ended with exit code ${code}`)
}

/** Ends all processes of a browser: a process tree on Windows, a process group elsewhere. */
function end({ pid }: ChildProcess, how: NodeJS.Signals): void {
  if (pid === undefined) return
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'])
  else
    try {
      process.kill(-pid, how)
    } catch {
      // Already ended.
    }
}
