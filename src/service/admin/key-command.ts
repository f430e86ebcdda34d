import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { z } from 'zod'
import { parsed, UsageError } from '../command-line.ts'
import { settingsPart, settingsReader } from '../settings/read.ts'
import { type NamedKey, readKeys } from '../vault/key-ring.ts'

export const keyHelp = `zoom-for-outlook admin key new [--name NAME] [--last] [--json]
  Generates a key, and puts it first in the file that VAULT_KEYS_FILE names: it becomes the active one when the service
  starts again. Without that setting it writes the key, for VAULT_KEYS.
  --name NAME  small letters, digits and hyphens; by default the month
  --last       puts it last: it only opens, until it is activated

zoom-for-outlook admin key activate NAME [--json]
  Puts a key of that file first.

Neither opens the database. Restart every process of the service afterwards.
Exit code: 0 done, 2 not done.`

const readFileSetting = settingsReader(
  settingsPart({
    shape: { VAULT_KEYS_FILE: z.string().min(1).optional() },
    rows: { VAULT_KEYS_FILE: { says: 'the file with `VAULT_KEYS`', example: '/run/secrets/vault_keys' } },
  }),
)

/** Runs `key new` or `key activate`. Returns the exit code. Throws errors for an administrator. */
export async function keyCommand([command, ...args]: string[]): Promise<number> {
  const { VAULT_KEYS_FILE: file } = readFileSetting(process.env)
  if (command === 'new') return generate(args, file)
  if (command === 'activate') return activate(args, file)
  throw new UsageError(command ? `There is no command "key ${command}"` : 'Say new or activate')
}

function generate(args: string[], file: string | undefined): number {
  const { name, last, json } = parsed(args, {
    name: { type: 'string' },
    last: { type: 'boolean' },
    json: { type: 'boolean' },
  }).values
  if (name !== undefined && !/^[a-z0-9-]{1,32}$/.test(name))
    throw new UsageError('--name must be 1 to 32 small letters, digits and hyphens')
  const before = file === undefined ? [] : keysIn(file)
  const made = { id: name ?? freeName(before), key: randomBytes(32) }
  if (before.some(({ id }) => id === made.id))
    throw new UsageError(`There is a key "${made.id}" already. Choose another name with --name`)
  if (file === undefined) {
    console.log(json ? JSON.stringify({ key: made.id, entry: lineOf(made) }) : lineOf(made))
    return 0
  }
  return store(file, last ? [...before, made] : [made, ...before], made.id, json)
}

function activate(args: string[], file: string | undefined): number {
  const { values, positionals } = parsed(args, { json: { type: 'boolean' } }, true)
  const [name, ...others] = positionals
  if (name === undefined || others.length > 0) throw new UsageError('Name one key')
  if (file === undefined)
    throw new Error('VAULT_KEYS_FILE is missing. In VAULT_KEYS, put the key first yourself.')
  const keys = keysIn(file)
  const chosen = keys.find(({ id }) => id === name)
  if (!chosen) throw new Error(`VAULT_KEYS_FILE has no key "${name}".`)
  return store(file, [chosen, ...keys.filter((key) => key !== chosen)], name, values.json)
}

function keysIn(file: string): readonly NamedKey[] {
  const keys = readKeys(readFileSync(file, 'utf8'))
  if (typeof keys === 'string') throw new Error(`VAULT_KEYS_FILE ${keys}`)
  return keys
}

/** The month, or the day if this month has a key. */
function freeName(keys: readonly NamedKey[]): string {
  const today = new Date().toISOString()
  const month = today.slice(0, 7)
  return keys.some(({ id }) => id === month) ? today.slice(0, 10) : month
}

const lineOf = ({ id, key }: NamedKey) => `${id}:${key.toString('base64')}`

/** Replaces the file in one step, and keeps its owner and mode: the service must be able to read it, and nobody else. */
function store(file: string, keys: readonly NamedKey[], name: string, json = false): number {
  const path = realpathSync(file)
  const { mode, uid, gid } = statSync(path)
  const next = `${path}.new`
  writeFileSync(next, `${keys.map(lineOf).join('\n')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  chownSync(next, uid, gid)
  // The mode of a new file is what the umask leaves of it.
  chmodSync(next, mode & 0o777)
  renameSync(next, path)
  const active = keys[0]?.id
  const says =
    active === name
      ? `The key "${name}" is first in ${file}. It is the active one when the service has started again.`
      : `The key "${name}" is last in ${file}. Restart every process, and then activate it.`
  console.log(json ? JSON.stringify({ key: name, active, file }) : says)
  return 0
}
