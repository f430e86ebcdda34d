import { once } from 'node:events'
import { connect } from 'node:net'
import { proves, random, version } from './handshake.ts'
import { linesOf } from './lines.ts'
import type { Note } from './note.ts'

/** Milliseconds in which a companion that runs answers. */
const patience = 3_000

/** Whether a companion listens there that knows the secret of the note. */
export async function isAlive({ address, secret }: Note): Promise<boolean> {
  const socket = connect(address)
  const late = setTimeout(() => socket.destroy(), patience)
  try {
    await once(socket, 'connect')
    const plugInNonce = random()
    const hello = { jsonrpc: '2.0', id: 0, method: 'hello', params: { version, nonce: plugInNonce } }
    socket.write(`${JSON.stringify(hello)}\n`)
    for await (const line of linesOf(socket, { line: patience, idle: patience })) {
      const { nonce, proof } = JSON.parse(line.toString()).result
      return proves(proof, secret, 'companion', { address, plugInNonce, companionNonce: nonce })
    }
    return false
  } catch {
    return false
  } finally {
    clearTimeout(late)
    socket.destroy()
  }
}
