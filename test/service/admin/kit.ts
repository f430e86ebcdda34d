import { expect } from 'vitest'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import type { Rule, ShownPolicies } from '../../../src/contract/admin-policies.ts'
import { administrators, type Person } from '../../../src/simulator/people.ts'
import type { asker } from '../identity/kit.ts'
import type { World } from '../kit.ts'

export const grace: Person = administrators.admin
export const joan: Person = administrators.auditor

/** The claims of an access token for the console, with a second factor; `changes` replace claims, undefined leaves one out. */
export async function adminClaims(world: Pick<World, 'entra'>, person: Person = grace, changes: object = {}) {
  return { ...world.entra.claims(person, { scp: 'admin', contexts: ['c1'] }), ...changes }
}

export const adminToken = async (world: Pick<World, 'entra'>, person?: Person, changes?: object) =>
  world.entra.sign(await adminClaims(world, person, changes))

export const subjectOf = ({ tenantId, objectId }: Person) => `entra:${tenantId}:${objectId}`

/** An administrator replaces the rules of their organisation. */
export async function decide(
  world: Pick<World, 'entra'>,
  ask: ReturnType<typeof asker>,
  rules: Rule[],
): Promise<void> {
  const bearer = await adminToken(world)
  const { version } = (await ask('GET', adminPaths.policies, { bearer })).body as unknown as ShownPolicies
  const { status } = await ask('PUT', adminPaths.policies, { bearer, body: { version, rules } })
  expect(status).toBe(200)
}
