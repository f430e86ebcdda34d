import { afterAll, beforeAll, expect, test } from 'vitest'
import { paths } from '../../src/contract/paths.ts'
import { openWorld, type World } from './kit.ts'

let world: World
let service: string

beforeAll(async () => {
  world = await openWorld('embedded')
  service = (await world.startService()).origin
})
afterAll(() => world.close())

/** What people read when they have no proof of who they are. */
async function said(language: string): Promise<unknown> {
  const response = await fetch(`${service}${paths.me}`, { headers: { 'accept-language': language } })
  return ((await response.json()) as { title: string }).title
}

test('the service says what is wrong in the language that is asked for, and in English where it has no such language', async () => {
  expect(await said('fr-CA')).toBe('Connectez-vous pour continuer.')
  expect(await said('sv, de-CH;q=0.4, ja;q=0.8')).toBe('続行するにはサインインしてください。')
  expect(await said('sv')).toBe('Sign in to continue.')
  expect(await said('fr;q=0, en')).toBe('Sign in to continue.')
  expect(await said('*')).toBe('Sign in to continue.')
  expect(await said('/../../fr')).toBe('Sign in to continue.')
})
