import { existsSync, readFileSync } from 'node:fs'

/** The address in the files as they are built. */
const writtenFor = 'https://localhost:3001'

/**
 * A built file with this service's public address in it: the manifest, which an administrator deploys by URL, and the
 * launch events' script, whose runtime has no address of its own. Undefined: the file has not been built.
 */
export function withOwnAddress(publicUrl: string, file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').replaceAll(writtenFor, publicUrl) : undefined
}
