import { readFileSync } from 'node:fs'

/** The address that the manifest is written for. */
const writtenFor = 'https://localhost:3001'

/** The manifest for this service's own public address, so that an admin deploys it by URL. */
export function manifestFor(publicUrl: string, file: string): string {
  return readFileSync(file, 'utf8').replaceAll(writtenFor, publicUrl)
}
