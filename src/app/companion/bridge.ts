import { chmod, lstat, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isAlive } from './alive.ts'
import { isRandom, proofOf, proves, random, version } from './handshake.ts'
import { type Deadlines, linesOf, longestLine, TooLong, writeLine } from './lines.ts'
import { makePrivate, type Note, readNote, removeNote, writeNote } from './note.ts'
import { answered, codes, Failure, failed, type Request, requestFrom } from './rpc.ts'

/** Milliseconds, and numbers of connections. */
const limits = {
  /** Until both sides have proved themselves. */
  handshake: 5_000,
  line: 5_000,
  idle: 300_000,
  /** Between two looks at the note. */
  look: 2_000,
  /** Connections that have not proved themselves. A further one ends the oldest. */
  unproven: 16,
  /** Those that have. A further one is refused. */
  proven: 16,
}

export interface Options {
  /** Where the note is, and the socket. Only this user can read it. */
  folder: string
  /** Acts, and returns the result of the request. Throws a `Problem` or a `Failure`. */
  act(request: Request): Promise<unknown>
  /** Ends it. */
  signal: AbortSignal
  limits?: Partial<typeof limits>
}

export interface Bridge {
  /** Resolves when it has ended; `replaced`: because another companion of this user has taken its place. */
  ended: Promise<'stopped' | 'replaced'>
}

/** Another companion of this user listens already. */
export class Running extends Error {}

/** There is no place for the note or the socket. The message says why and what to do, and is for people. */
export class NoPlace extends Error {}

/**
 * Listens for plug-ins of this user until the signal. Throws `Running` if another companion does, `NotPrivate` if others
 * can read the folder, `NoPlace` if the system refuses the folder or the socket.
 */
export const openBridge = (options: Options): Promise<Bridge> =>
  begin(options).catch((error: NodeJS.ErrnoException) => {
    if (!error.syscall) throw error
    const where = error.path ?? options.folder
    throw new NoPlace(`The companion cannot use ${where} (${error.code}). ${remedyOf(error.code)}`)
  })

/** What a person does about an error of the system. */
function remedyOf(code = ''): string {
  if (['ENOTDIR', 'EEXIST'].includes(code)) return 'A file is in the place of a folder: move it away.'
  if (['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'].includes(code)) return 'Make room there, and start it again.'
  return 'Let this user write there, and start it again.'
}

async function begin({ folder, act, signal, limits: changed }: Options): Promise<Bridge> {
  const limit = { ...limits, ...changed }
  await makePrivate(folder)
  const before = await readNote(folder)
  if (before && (await isAlive(before))) throw new Running('A companion is running already.')
  if (before) await forget(before.address, folder)

  const secret = random()
  let listener = await listen()
  let note: Note = { version, secret, address: listener.address }
  await writeNote(folder, note)
  return { ended: stay() }

  /** Puts back what somebody removes. Ends if another companion has taken its place. */
  async function stay(): Promise<'stopped' | 'replaced'> {
    try {
      for (;;) {
        await pause(limit.look, signal)
        if (signal.aborted) return 'stopped'
        // What fails now is tried again at the next look.
        const isReplaced = await look().catch(() => false)
        if (isReplaced) return 'replaced'
      }
    } finally {
      await listener.close()
      await removeNote(folder, note)
    }
  }

  /** Returns whether another companion has taken the place. */
  async function look(): Promise<boolean> {
    await makePrivate(folder)
    const found = await readNote(folder).catch(() => undefined)
    if (found && found.secret !== secret && (await isAlive(found))) return true
    if (await isGone(listener.address)) {
      const gone = listener
      listener = await listen()
      await gone.close()
    }
    note = { ...note, address: listener.address }
    if (found?.secret !== secret || found.address !== note.address) await writeNote(folder, note)
    return false
  }

  async function listen() {
    const address = await newAddress(folder)
    const unproven = new Set<Socket>()
    const proven = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket
        .on('error', () => {})
        .on('close', () => [unproven, proven].map((sockets) => sockets.delete(socket)))
      const [oldest] = unproven
      if (oldest && unproven.size >= limit.unproven) {
        unproven.delete(oldest)
        oldest.destroy()
      }
      unproven.add(socket)
      serve(socket, address, () => {
        if (proven.size >= limit.proven) throw new Failure(codes.problem, 'Too many connections.')
        unproven.delete(socket)
        proven.add(socket)
      })
        .catch(() => {})
        .finally(() => socket.destroySoon())
    })
    await listening(server, address)
    const close = async () => {
      for (const socket of [...unproven, ...proven]) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      if (dirname(address) !== folder) await forget(address, folder)
    }
    return { address, close }
  }

  /** One connection: first the proofs, then one request after another. */
  async function serve(socket: Socket, address: string, admit: () => void): Promise<void> {
    const late = setTimeout(() => socket.destroy(), limit.handshake)
    const lines = linesOf(socket, limit)
    try {
      await greet(socket, lines, { address, secret, admit, deadlines: limit })
      clearTimeout(late)
      for await (const line of lines) await writeLine(socket, await answerTo(line), limit)
    } catch (error) {
      if (error instanceof TooLong)
        await writeLine(
          socket,
          failed(null, new Failure(codes.request, `A line has at most ${longestLine} bytes.`)),
          limit,
        )
      else if (error instanceof Failure) await writeLine(socket, failed(error.id, error), limit)
      else throw error
    } finally {
      clearTimeout(late)
    }
  }

  async function answerTo(line: Buffer): Promise<string> {
    let id: Request['id'] | null = null
    try {
      const request = requestFrom(line)
      id = request.id
      return answered(id, await act(request))
    } catch (error) {
      return failed(error instanceof Failure ? (error.id ?? id) : id, error)
    }
  }
}

interface Greeting {
  address: string
  secret: string
  /** The plug-in has proved itself. */
  admit(): void
  deadlines: Deadlines
}

/** The companion proves itself first, so that a plug-in tells nothing to who has taken its place. Throws `Failure`. */
async function greet(socket: Socket, lines: AsyncGenerator<Buffer>, greeting: Greeting): Promise<void> {
  const { address, secret, admit, deadlines } = greeting
  const hello = await next('hello')
  const { version: theirs, nonce: plugInNonce } = hello.params
  if (theirs !== version)
    throw new Failure(codes.version, `This is version ${version}.`, { version }, hello.id)
  if (!isRandom(plugInNonce)) throw unproven(hello.id)
  const transcript = { address, plugInNonce, companionNonce: random() }
  const proof = proofOf(secret, 'companion', transcript)
  await writeLine(socket, answered(hello.id, { version, nonce: transcript.companionNonce, proof }), deadlines)
  const prove = await next('prove')
  if (!proves(prove.params.proof, secret, 'plug-in', transcript)) throw unproven(prove.id)
  admit()
  await writeLine(socket, answered(prove.id, {}), deadlines)

  async function next(method: string) {
    const { value, done } = await lines.next()
    if (done) throw unproven(null)
    const request = requestFrom(value)
    if (request.method !== method) throw unproven(request.id)
    return { id: request.id, params: Object(request.params) as Record<string, unknown> }
  }
}

const unproven = (id: Request['id'] | null) =>
  new Failure(codes.unproven, 'The caller has not proved that it knows the secret.', undefined, id)

/** The longest path of a Unix socket on each system, in bytes. Node cuts a longer one short without a word. */
const longestPath = 103

/** An address that nobody can know before. A folder whose path is too long for a socket is replaced by a temporary one. */
async function newAddress(folder: string): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\zoom-for-outlook-${random()}`
  const address = join(folder, `${random().slice(0, 32)}.sock`)
  if (Buffer.byteLength(address) <= longestPath) return address
  const elsewhere = join(await mkdtemp(join(tmpdir(), 'zoom-')), 's')
  const bytes = Buffer.byteLength(elsewhere)
  if (bytes > longestPath)
    throw new NoPlace(
      `A socket in ${tmpdir()} would have a path of ${bytes} bytes, and at most ${longestPath} are possible. Set TMPDIR to a folder with a shorter path.`,
    )
  return elsewhere
}

async function listening(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(address, resolve))
  if (process.platform !== 'win32') await chmod(address, 0o600)
}

/** Removes a socket that a companion has left, and the temporary folder that was made for it. Nothing else. */
async function forget(address: string, folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const found = await lstat(address).catch(() => undefined)
  if (found?.isSocket()) await rm(address, { force: true })
  const made = dirname(address)
  if (made !== folder) await rmdir(made).catch(() => {})
}

const isGone = async (address: string) =>
  process.platform !== 'win32' && !(await lstat(address).catch(() => undefined))?.isSocket()

/** Waits, or until the signal. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
