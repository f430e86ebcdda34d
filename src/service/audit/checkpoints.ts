import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Database } from '../database/open.ts'
import type { Checkpoints } from './chain.ts'
import { newest } from './records.ts'

const checkpoint = z.strictObject({
  seq: z.int().positive(),
  at: z.iso.datetime(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

/**
 * Writes the newest record's hash to a file outside the database, when it is another one than the last time. Each line
 * is on the disk before the function returns. Throws if the file cannot be written.
 */
export function checkpointWriter(database: Database, path: string) {
  let written = 0
  return async function writeCheckpoint(): Promise<void> {
    const record = await newest(database)
    if (!record || record.seq === written) return
    const { seq, at, hash } = record
    const file = await open(path, 'a+', 0o600)
    try {
      const line = `${JSON.stringify({ seq, at, hash })}\n`
      await file.appendFile((await endsInLine(file)) ? line : `\n${line}`)
      await file.sync()
    } finally {
      await file.close()
    }
    written = seq
  }
}

/** False: a full disk or a power failure has cut the last line. */
async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return true
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString() === '\n'
}

/** Reads a file of checkpoints. Throws an error for an administrator that names the line at fault. */
export async function readCheckpoints(path: string): Promise<Checkpoints> {
  const checkpoints = new Map<number, string>()
  let number = 0
  for await (const line of linesOf(path)) {
    number++
    const read = checkpoint.safeParse(asJson(line))
    if (!read.success) throw new Error(`Line ${number} of ${path} is no checkpoint`)
    const { seq, hash } = read.data
    const known = checkpoints.get(seq)
    if (known !== undefined && known !== hash)
      throw new Error(`Line ${number} of ${path} contradicts an earlier checkpoint of record ${seq}`)
    checkpoints.set(seq, hash)
  }
  return checkpoints
}

/** The lines of a file that are not empty, one at a time. Throws an error for an administrator. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path)
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line !== '') yield line
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
  } finally {
    stream.destroy()
  }
}

/** Undefined: it is no JSON. */
export function asJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
