import type { Socket } from 'node:net'

/** The longest line, in bytes without its end. Five facts, each character escaped, have less than 4,000. */
export const longestLine = 16_384

/** Milliseconds. */
export interface Deadlines {
  /** From the first byte of a line to its end, and for an answer to be taken. */
  line: number
  /** Between two lines. */
  idle: number
}

/** A line that is too long. */
export class TooLong extends Error {}

/**
 * The lines that come, without their ends. The connection is cut when a line takes longer than its deadline, however
 * its bytes are spread, and when nothing comes. Nothing more is read until the caller asks for the next line. Throws
 * `TooLong`, or what the connection throws.
 */
export async function* linesOf(socket: Socket, deadlines: Deadlines): AsyncGenerator<Buffer> {
  const chunks = socket[Symbol.asyncIterator]()
  let rest = Buffer.alloc(0)
  let since = 0
  for (;;) {
    const end = rest.indexOf(0x0a)
    if ((end < 0 ? rest.length : end) > longestLine) throw new TooLong()
    if (end >= 0) {
      yield rest.subarray(0, end)
      rest = rest.subarray(end + 1)
      since = Date.now()
      continue
    }
    const left = rest.length > 0 ? since + deadlines.line - Date.now() : deadlines.idle
    const late = setTimeout(() => socket.destroy(), left)
    const { value, done } = await chunks.next().finally(() => clearTimeout(late))
    if (done) return
    if (rest.length === 0) since = Date.now()
    rest = Buffer.concat([rest, value])
  }
}

/** Writes a line, and waits until there is room for another one. The connection is cut if nobody takes it. */
export function writeLine(socket: Socket, text: string, { line }: Deadlines): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => socket.destroy(), line)
    socket.write(`${text}\n`, (error) => {
      clearTimeout(late)
      if (error) reject(error)
      else resolve()
    })
  })
}
