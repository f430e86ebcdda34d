// Brings node_modules in step with package-lock.json. It runs before anything is installed: no imports but Node's.
import { exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { installed, installLocked, locked } from './locked.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

if (!inStep()) {
  console.log('Installing the locked packages (once, about a minute) …')
  const { status, error } = installLocked(root, '--include=dev')
  if (status !== 0) {
    console.error(
      `The packages could not be installed (${error ? error.message : `npm ended with ${status}`}).`,
    )
    exit(1)
  }
}

function inStep() {
  const found = installed(root)
  return Object.entries(locked(root)).every(
    ([path, { optional, version }]) =>
      path === '' || optional || (found[path] && found[path].version === version),
  )
}
