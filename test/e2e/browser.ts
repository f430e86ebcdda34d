import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findBrowser } from '../../src/simulator/kit/browser.ts'

/** What playwright has to start. */
export interface TestBrowser {
  executablePath: string
  /** Beside the environment there is. */
  env: Record<string, string>
}

/** The machine's own browser, or the one that npm brings for Linux. `TEST_BROWSER=npm` insists on the latter. */
export async function browserForTests(): Promise<TestBrowser> {
  const own = process.env.TEST_BROWSER === 'npm' ? undefined : findBrowser()
  if (own) return { executablePath: own, env: {} }
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('No Chrome, Edge or Chromium was found: install one, or set CHROME_PATH to its program.')
  const folder = await unpacked()
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  }
}

const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const unpack = fileURLToPath(new URL('unpack-chromium.mjs', import.meta.url))

/** The package's own looks for the fonts in /tmp; without any, this Chromium ends. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`

/** Unpacked beside its place and then moved: a folder with this name is always whole. */
async function unpacked(): Promise<string> {
  const folder = join(cache, 'chromium-147')
  if (existsSync(folder)) return folder
  const scratch = `${folder}-${process.pid}`
  await mkdir(scratch, { recursive: true })
  // The package unpacks the libraries that a bare machine lacks only where it believes to be in this cloud.
  const env = { ...process.env, TMPDIR: scratch, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' }
  await promisify(execFile)(process.execPath, [unpack], { env })
  await writeFile(join(scratch, 'fonts', 'fonts.conf'), fonts)
  await rename(scratch, folder).catch(() => rm(scratch, { recursive: true }))
  return folder
}
