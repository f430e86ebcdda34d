import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

// What a plug-in in classic Outlook does, written from docs/plug-in-bridge.md alone.

/** The answer to a request: its result, or what the companion says of a failure. */
export type Answer =
  | { result: Record<string, unknown> }
  | { error: { code: number; message: string; data?: Record<string, unknown> } }

/** Where the note is, by the variables of the person's profile. */
export function companionFolder(env: Record<string, string | undefined>): string {
  const name = 'zoom-for-outlook'
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? '', name)
  if (process.platform === 'darwin') return join(env.HOME ?? '', 'Library', 'Application Support', name)
  return env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, name) : join(env.HOME ?? '', '.local', 'state', name)
}

/** Milliseconds until a companion has answered. */
const patience = 60_000

/** Sends one request to the companion whose note is in `folder`. Throws if there is none, or if it does not prove itself. */
export async function askCompanion(folder: string, method: string, params: unknown): Promise<Answer> {
  const note = JSON.parse(await readFile(`${folder}/plug-in-bridge.json`, 'utf8'))
  const { address, secret } = note as { address: string; secret: string }
  const socket = connect(address)
  const late = setTimeout(() => socket.destroy(new Error('The companion does not answer.')), patience)
  try {
    await once(socket, 'connect')
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    const ask = async (id: number, asked: string, given: unknown): Promise<Answer> => {
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: asked, params: given })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('The companion has ended the connection.')
      const { result, error } = JSON.parse(value)
      return error ? { error } : { result }
    }
    const nonce = randomBytes(32).toString('hex')
    const hello = await ask(1, 'hello', { version: 1, nonce })
    if (!('result' in hello)) return hello
    const proof = (role: string) =>
      createHmac('sha256', Buffer.from(secret, 'hex'))
        .update(`zoom-for-outlook bridge 1\n${role}\n${address}\n${nonce}\n${hello.result.nonce}`)
        .digest()
    const theirs = Buffer.from(String(hello.result.proof), 'hex')
    const right = proof('companion')
    if (theirs.length !== right.length || !timingSafeEqual(theirs, right))
      throw new Error('Who listens there does not know the secret.')
    const admitted = await ask(2, 'prove', { proof: proof('plug-in').toString('hex') })
    return 'result' in admitted ? await ask(3, method, params) : admitted
  } finally {
    clearTimeout(late)
    socket.destroy()
  }
}
