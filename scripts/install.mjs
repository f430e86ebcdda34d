// Brings node_modules in step with package-lock.json. It runs before anything is installed: no imports but Node's.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chdir, env, execPath, exit, platform, version, versions } from 'node:process'
import { fileURLToPath } from 'node:url'

chdir(fileURLToPath(new URL('..', import.meta.url)))

const [major, minor] = versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or later is needed; this is ${version}. Get it from https://nodejs.org/.`)
  exit(1)
}

if (!inStep()) {
  console.log('Installing the locked packages (once, about a minute) …')
  const { status, error } = ci()
  if (status !== 0) {
    console.error(`The packages could not be installed (${error?.message ?? `npm ended with ${status}`}).`)
    exit(1)
  }
}

/** npm lists what it has installed in a file that it writes last, so an interrupted installation is not in step. */
function inStep() {
  try {
    const wanted = packagesOf('package-lock.json')
    const installed = packagesOf('node_modules/.package-lock.json')
    return Object.entries(wanted).every(
      ([path, { optional, version }]) => path === '' || optional || installed[path]?.version === version,
    )
  } catch {
    return false
  }
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages
}

/** Calls the npm that called us, past its `.cmd` file on Windows, which only a shell can start. */
function ci() {
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = env.npm_execpath ?? ''
  return /npm-cli\.js$/.test(npm)
    ? spawnSync(execPath, [npm, ...options], { stdio: 'inherit' })
    : spawnSync('npm', options, { stdio: 'inherit', shell: platform === 'win32' })
}
