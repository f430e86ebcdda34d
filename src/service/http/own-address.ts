import { existsSync, readFileSync } from 'node:fs'

/** The address that our files are written for. */
const writtenFor = 'https://localhost:3001'

/**
 * A file with this service's own public address in it: the manifest, so that an admin deploys it by URL, and the launch
 * events' script, whose runtime knows no address. Undefined: it has not been built.
 */
export function withOwnAddress(publicUrl: string, file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').replaceAll(writtenFor, publicUrl) : undefined
}
