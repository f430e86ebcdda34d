import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../../../src/contract/problems.ts'
import type { Caller } from '../../../../src/service/caller.ts'
import { createEntra } from '../../../../src/service/identity/entra.ts'
import { createExchange } from '../../../../src/service/identity/exchange/identity-token.ts'
import { createLog } from '../../../../src/service/log.ts'
import { ProofRefused } from '../../../../src/service/refused.ts'
import { Faults } from '../../../../src/simulator/kit/faults.ts'
import { createEntra as createEntraStandIn } from '../../../../src/simulator/microsoft/entra.ts'
import { ada, clientId } from '../../kit.ts'
import { audience, openExchange, tim } from '../kit.ts'

const silent = { info() {}, error() {} }

const seed = 20_261_123
type Claims = Record<string, unknown>

/** One validator, what it takes for true, and a way to have anything signed. */
interface Validator {
  check(token: string): Promise<Caller>
  sign(claims: Claims | string, header?: Claims): Promise<string>
  honest: Claims
  /** Claims that say who it is and whom it is for: no other value of one is ever accepted. */
  decisive: readonly string[]
  keyName: string
}
const validators: Record<'Entra' | 'Exchange', Validator> = {} as never
const close: (() => unknown)[] = []

beforeAll(async () => {
  const faults = new Faults()
  const server = createServer(getRequestListener((request, env) => entra.app.fetch(request, env))).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  close.push(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const entra = createEntraStandIn({ faults, origin, clientId })
  await entra.prepare()
  validators.Entra = {
    check: createEntra({ authority: origin, clientId, tenants: [ada.tenantId], context: 'c1' }, silent).check,
    sign: (claims, header) => entra.sign(claims as never, { ...(header && { header }) }),
    honest: (await entra.claims(ada)) as unknown as Claims,
    decisive: ['ver', 'aud', 'iss', 'tid', 'azp', 'scp'],
    keyName: 'kid',
  }
  const exchange = await openExchange(faults)
  close.push(exchange.close)
  const log = createLog({ write() {} })
  validators.Exchange = {
    check: createExchange({ endpoints: exchange.settings().EXCHANGE, audience, log }).check,
    sign: (claims, header) => exchange.made.sign(claims, { ...(header && { header }) }),
    honest: exchange.made.identityClaims(tim),
    decisive: ['aud', 'iss', 'appctxsender'],
    keyName: 'x5t',
  }
})
afterAll(() => Promise.all(close.map((end) => end())))

/** Refused, for a reason of our own: nothing that a forger wrote comes near the log. */
async function refuses({ check }: Validator, token: string): Promise<void> {
  const outcome = await check(token).catch((error) => error)
  if (!(outcome instanceof Problem) || outcome.code !== 'sign_in_required')
    throw new Error(`Taken: ${token}`, { cause: outcome })
  expect((outcome.cause as ProofRefused).reason).toMatch(/^[a-z_]{1,48}$/)
  expect(outcome.cause).toBeInstanceOf(ProofRefused)
}

const base64url = (text: string) => Buffer.from(text).toString('base64url')
const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
const anyPart = fc.oneof(anyText, fc.json().map(base64url), anyText.map(base64url), fc.base64String())

describe.each(['Entra', 'Exchange'] as const)('whatever somebody makes up, the %s validator', (name) => {
  test('refuses any text', async () => {
    const tokens = fc.oneof(
      anyText,
      fc.array(anyPart, { maxLength: 6 }).map((parts) => parts.join('.')),
    )
    const never = fc.asyncProperty(tokens, (token) => refuses(validators[name], token))
    await fc.assert(never, { seed, numRuns: 2000 })
  })

  test('refuses a genuine token with any character changed, added or taken away', async () => {
    const validator = validators[name]
    const genuine = await validator.sign(validator.honest)
    expect((await validator.check(genuine)).subject).toMatch(/^(entra|exch):/)
    const change = fc.record({
      at: fc.nat(genuine.length - 1),
      removed: fc.integer({ min: 0, max: 3 }),
      added: fc.oneof(fc.string({ maxLength: 3 }), fc.base64String({ maxLength: 4 })),
    })
    const never = fc.asyncProperty(change, async ({ at, removed, added }) => {
      const token = genuine.slice(0, at) + added + genuine.slice(at + removed)
      if (token !== genuine) await refuses(validator, token)
    })
    await fc.assert(never, { seed, numRuns: 2000 })
  })

  test('refuses a genuine signature under any other header', async () => {
    const validator = validators[name]
    const member = fc.oneof(
      fc.constantFrom('alg', 'typ', 'crit', 'jwk', 'jku', 'x5c', 'x5u', 'enc', 'b64', validator.keyName),
      fc.string(),
    )
    const never = fc.asyncProperty(member, fc.jsonValue(), async (changed, value) => {
      const honest = await validator.sign(validator.honest)
      const token = await validator.sign(validator.honest, Object.fromEntries([[changed, value]]))
      if (
        token !== honest &&
        !(changed === 'kid' && name === 'Exchange') &&
        !(changed === 'x5t' && name === 'Entra')
      ) {
        await refuses(validator, token)
      }
    })
    await fc.assert(never, { seed, numRuns: 300 })
  })

  test('takes no other value of a claim that decides, however well it is signed', async () => {
    const validator = validators[name]
    const claim = fc.constantFrom(...validator.decisive)
    const never = fc.asyncProperty(claim, fc.oneof(fc.jsonValue(), anyText), async (changed, value) => {
      if (value === validator.honest[changed]) return
      await refuses(validator, await validator.sign({ ...validator.honest, [changed]: value }))
    })
    await fc.assert(never, { seed, numRuns: 500 })
  })

  test('takes any other claim or refuses it, and never mistakes the caller', async () => {
    const validator = validators[name]
    const { subject } = await validator.check(await validator.sign(validator.honest))
    const deciding = new Set([...validator.decisive, 'oid', 'appctx'])
    const claim = fc
      .oneof(fc.constantFrom(...Object.keys(validator.honest)), fc.string())
      .filter((one) => !deciding.has(one))
    const same = fc.asyncProperty(claim, fc.jsonValue(), async (changed, value) => {
      const token = await validator.sign({ ...validator.honest, [changed]: value })
      const outcome = await validator.check(token).catch((error: unknown) => error)
      if (outcome instanceof Problem) expect(outcome.code).toBe('sign_in_required')
      else expect((outcome as Caller).subject).toBe(subject)
    })
    await fc.assert(same, { seed, numRuns: 500 })
  })
})

test('a context in an Exchange token that is not its own is refused, or is another mailbox', async () => {
  const validator = validators.Exchange
  const { subject } = await validator.check(await validator.sign(validator.honest))
  const honest = JSON.parse(String(validator.honest.appctx)) as Claims
  const context = fc.oneof(
    fc.jsonValue(),
    fc
      .tuple(fc.constantFrom('version', 'msexchuid', 'amurl'), fc.jsonValue())
      .map(([member, value]) => ({ ...honest, [member]: value })),
  )
  const never = fc.asyncProperty(context, fc.boolean(), async (appctx, asText) => {
    const claims = { ...validator.honest, appctx: asText ? JSON.stringify(appctx) : appctx }
    const outcome = await validator.check(await validator.sign(claims)).catch((error: unknown) => error)
    if (outcome instanceof Problem) expect(outcome.code).toBe('sign_in_required')
    else
      expect((outcome as Caller).subject === subject).toBe((appctx as Claims).msexchuid === honest.msexchuid)
  })
  await fc.assert(never, { seed, numRuns: 500 })
})
