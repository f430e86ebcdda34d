// The packages of a folder that has a package-lock.json. It runs before anything is installed: no imports but Node's.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { env, execPath, platform } from 'node:process'

/** The packages in the folder's lock file: by path, what the lock says of each. */
export const locked = (folder) => packagesOf(join(folder, 'package-lock.json'))

/** The same of what is installed. npm writes this file last, so an interrupted installation has no packages. */
export function installed(folder) {
  try {
    return packagesOf(join(folder, 'node_modules/.package-lock.json'))
  } catch {
    return {}
  }
}

/** Runs `npm ci` in the folder. It calls the npm that called us; on Windows only a shell can start `npm` by name. */
export function installLocked(folder, ...more) {
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...more]
  const npm = env.npm_execpath || ''
  const settings = { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] }
  return /npm-cli\.js$/.test(npm)
    ? spawnSync(execPath, [npm, ...options], settings)
    : spawnSync('npm', options, { ...settings, shell: platform === 'win32' })
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}
