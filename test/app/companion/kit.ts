import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, onTestFinished } from 'vitest'
import { createActs } from '../../../src/app/companion/acts.ts'
import { openBridge } from '../../../src/app/companion/bridge.ts'
import { createClient } from '../../../src/browser/client.ts'
import type { Language } from '../../../src/contract/languages.ts'
import { appAt, withApps } from '../../service/feed/kit.ts'
import { engines, openWorld, type World } from '../../service/kit.ts'

let world: World
let origin: string
let token: string

/** A service, its Zoom and its people, for the tests of a file. */
export function usingWorld(): () => World {
  beforeAll(async () => {
    world = await openWorld(engines[0] ?? 'embedded')
    origin = (await world.startService(withApps)).origin
    token = await tokenOfCompanion()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())
  return () => world
}

/** The access token of a companion: it lets schedule meetings, and do nothing else. */
async function tokenOfCompanion(): Promise<string> {
  const app = appAt(origin)
  const asked = { client_id: 'companion', redirect_uri: 'http://127.0.0.1:49152/' }
  const { back, verifier } = await app.authorize({ ...asked, scope: 'meetings' })
  const { body } = await app.redeem(back.url.searchParams.get('code') ?? '', verifier, asked)
  return String(body.access_token)
}

/** A private folder of its own, as a person's profile has one. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'c-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A companion of a person who has signed in. */
export async function startCompanion(
  changes: Partial<Parameters<typeof openBridge>[0]> = {},
  proof = async () => token,
  language: Language = 'en',
) {
  const stopping = new AbortController()
  const folder = changes.folder ?? newFolder()
  const act = createActs(
    createClient(origin, proof, () => language),
    language,
  )
  const bridge = await openBridge({ folder, act, signal: stopping.signal, ...changes })
  const stop = async () => {
    stopping.abort()
    return bridge.ended
  }
  onTestFinished(async () => void (await stop()))
  return { folder, stop, ended: bridge.ended }
}

/** What a plug-in reads to find the companion. */
export interface Note {
  version: number
  address: string
  secret: string
}
export const noteIn = (folder: string) => join(folder, 'plug-in-bridge.json')
export const noteOf = (folder: string): Note => JSON.parse(readFileSync(noteIn(folder), 'utf8'))
