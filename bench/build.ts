import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'

/** A built service. */
export interface Build {
  name: string
  /** The program that starts it. */
  main: string
  /** Settings that it has beside those of the surroundings. */
  settings?: Record<string, string>
}

const main = 'dist/service/main.js'

/** The build of this working tree, which `npm run bench` has just made. */
export const thisBuild: Build = { name: 'service', main }

/** The build of this working tree with one more setting: `METRICS_PORT=0`. */
export function withSetting(setting: string): Build {
  const [name = '', ...value] = setting.split('=')
  return { name: `service, ${setting}`, main, settings: { [name]: value.join('=') } }
}

/**
 * The build of another commit, made in a temporary worktree; or the build that a folder already has.
 * `remove` leaves nothing of it behind.
 */
export function otherBuild(commitOrFolder: string): { build: Build; remove(): Promise<void> } {
  const built = resolve(commitOrFolder, main)
  if (existsSync(built))
    return { build: { name: `service, ${commitOrFolder}`, main: built }, remove: async () => {} }
  const folder = temporaryFolder()
  const tree = join(folder.path, 'tree')
  const remove = async () => {
    await folder.remove()
    run('git', ['worktree', 'prune'])
  }
  run('git', ['worktree', 'add', '--detach', tree, commitOrFolder])
  // The packages of that commit, which may be others than ours.
  if (locked('.') === locked(tree))
    symlinkSync(resolve('node_modules'), join(tree, 'node_modules'), 'junction')
  else run(process.execPath, ['scripts/install.mjs'], tree)
  run(process.execPath, ['scripts/build.mjs'], tree)
  return { build: { name: `service at ${commitOrFolder}`, main: join(tree, main) }, remove }
}

const locked = (folder: string) => readFileSync(join(folder, 'package-lock.json'), 'utf8')

function run(program: string, args: string[], cwd = '.'): void {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `ended with ${status}`}`)
}
