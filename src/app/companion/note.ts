import { constants } from 'node:fs'
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { isRandom, random } from './handshake.ts'

/** What a plug-in reads to find the companion and to prove itself. */
export interface Note {
  version: number
  /** A path of a Unix socket, or of a named pipe. */
  address: string
  /** 32 bytes, in hexadecimal digits. */
  secret: string
}

/** The folder or the file is not only this user's. The message names it, and is for people. */
export class NotPrivate extends Error {}

/** The folder that only this user can read, by the rule of each system. */
export function privateFolder(platform = process.platform, env = process.env, home = homedir()): string {
  const name = 'zoom-for-outlook'
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), name)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', name)
  return join(env.XDG_RUNTIME_DIR ?? join(home, '.local', 'state'), name)
}

/** Where the note is in that folder. */
const noteIn = (folder: string) => join(folder, 'plug-in-bridge.json')

/** Makes the folder if there is none. Throws `NotPrivate` if it is a link, another user's, or open to others. */
export async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  if (!found.isDirectory() || isOpen(found)) throw new NotPrivate(`${folder} is open to other users.`)
}

/** Windows has no such modes: there the folder inherits the access of the person's profile. */
const isOpen = ({ uid, mode }: { uid: number; mode: number }) =>
  process.platform !== 'win32' && (uid !== userInfo().uid || (mode & 0o077) !== 0)

/** Reads the note. Undefined: there is none, or it is none of ours. Throws `NotPrivate` as `makePrivate` does. */
export async function readNote(folder: string): Promise<Note | undefined> {
  const path = noteIn(folder)
  // A link at its place is not followed, and a pipe at its place is not waited for.
  const file = await open(
    path,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    if (error.code === 'ELOOP') throw new NotPrivate(`${path} is a link.`)
    throw error
  })
  if (!file) return undefined
  try {
    const found = await file.stat()
    if (!found.isFile() || isOpen(found)) throw new NotPrivate(`${path} is open to other users.`)
    return noteFrom(await file.readFile('utf8'))
  } finally {
    await file.close()
  }
}

function noteFrom(text: string): Note | undefined {
  try {
    const { version, address, secret } = Object(JSON.parse(text)) as Record<string, unknown>
    if (typeof version !== 'number' || typeof address !== 'string' || !isRandom(secret)) return undefined
    return { version, address, secret }
  } catch {
    return undefined
  }
}

/** Puts the note into its place at once, in place of whatever is there. */
export async function writeNote(folder: string, note: Note): Promise<void> {
  const path = noteIn(folder)
  const unfinished = `${path}.${random()}`
  const file = await open(unfinished, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(note)}\n`)
  } finally {
    await file.close()
  }
  await rename(unfinished, path).catch(async (error) => {
    await rm(unfinished, { force: true })
    throw error
  })
}

/** Removes the note if it is this one. */
export async function removeNote(folder: string, note: Note): Promise<void> {
  const found = await readNote(folder).catch(() => undefined)
  if (found?.secret === note.secret) await rm(noteIn(folder), { force: true })
}
