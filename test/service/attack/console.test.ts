import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  adminPaths,
  keyRemovalPath,
  keyRetirementPath,
  mailboxPath,
  personPath,
  revocationPath,
} from '../../../src/contract/admin-paths.ts'
import type { Rule, ShownPolicies } from '../../../src/contract/admin-policies.ts'
import { paths } from '../../../src/contract/paths.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { adminClaims, adminToken, grace, joan, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, openWorld, type World } from '../kit.ts'

const evil = 'https://evil.example'
/** Markup, a formula of a spreadsheet, and the end of a line. */
const names = [
  '<img src=x onerror="alert(`canary`)">',
  '"><script>canary()</script>',
  '=HYPERLINK("https://canary.example","Open")',
  '@SUM(canary)\t+canary\r\n-canary',
]
/** Every request that changes something, and its body. */
const changes: readonly [string, string, object?][] = [
  ['PUT', revocationPath(subjectOf(ada))],
  ['DELETE', revocationPath(subjectOf(ada))],
  ['POST', adminPaths.revocations, { subjects: [subjectOf(ada)] }],
  ['PUT', adminPaths.policies, { version: 0, rules: [] }],
  ['PUT', mailboxPath(ada.objectId), { permission: 'read' }],
  ['DELETE', mailboxPath(ada.objectId)],
  ['PUT', keyRemovalPath('old')],
  ['DELETE', keyRemovalPath('old')],
  ['PUT', keyRetirementPath('old')],
]

describe('an attack on the console', () => {
  let world: World
  let ask: ReturnType<typeof asker>
  let origin: string
  beforeAll(async () => {
    world = await openWorld('embedded')
    ;({ origin } = await world.startService())
    ask = asker(origin)
    await putMeeting(origin, await world.token(), newKey())
  })
  afterAll(() => world.close())

  test.each(names)(
    'by the display name %j of a person is in no page, no export and no log line',
    async (name) => {
      const bearer = await world.entra.sign({ ...(await world.entra.claims(ada)), name })
      expect((await putMeeting(origin, bearer, newKey())).status).toBe(200)
      expect((await ask('GET', paths.me, { bearer })).body.name).toBe(name)
      const admin = await adminToken(world)
      const shown = [adminPaths.people, personPath(subjectOf(ada)), adminPaths.audit]
      const exported = ['jsonl', 'ocsf'].map((format) => `${adminPaths.auditExport}?format=${format}`)
      for (const path of [...shown, ...exported]) {
        const answer = await fetch(new URL(path, origin), { headers: { authorization: `Bearer ${admin}` } })
        expect(answer.status).toBe(200)
        expect(await answer.text()).not.toContain('canary')
      }
      expect(world.logged.join('')).not.toContain('canary')
    },
  )

  test.each(names)('by their own display name %j reaches an administrator as JSON only', async (name) => {
    const bearer = await world.entra.sign(await adminClaims(world, grace, { name }))
    const { status, body, headers } = await ask('GET', adminPaths.me, { bearer })
    expect({ status, name: body.name }).toEqual({ status: 200, name })
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each(changes)(
    'by a page of another origin that sends %s %s changes nothing',
    async (method, path, body) => {
      const preflight = await ask('OPTIONS', path, {
        headers: {
          origin: evil,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization, content-type',
        },
      })
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
      // A form needs no permission of the browser to be sent, and it brings the cookies, of which there are none.
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json']) {
        const headers = { origin: evil, 'content-type': type, cookie: `session=${await adminToken(world)}` }
        const answer = await ask(method, path, { headers, ...(body && { body }) })
        expect(answer.status).toBe(401)
        expect(answer.headers.get('set-cookie')).toBeNull()
      }
    },
  )

  test.each(changes)('by an auditor who sends %s %s changes nothing', async (method, path, body) => {
    const bearer = await adminToken(world, joan)
    const before = await ask('GET', personPath(subjectOf(ada)), { bearer })
    const answer = await ask(method, path, { bearer, ...(body && { body }) })
    expect(answer).toMatchObject({ status: 403, body: { code: 'role_too_low' } })
    const after = await ask('GET', personPath(subjectOf(ada)), { bearer })
    expect(after.body.connections).toEqual(before.body.connections)
  })

  test('by a rule for a group of another directory gives nobody of this one anything', async () => {
    const theirs = 'fab00000-0000-4000-8000-00000000000a'
    const rules: Rule[] = [
      { group: theirs, name: 'tidy', value: 'on' },
      { group: null, name: 'tidy', value: 'off' },
    ]
    const bearer = await adminToken(world)
    const { version } = (await ask('GET', adminPaths.policies, { bearer })).body as unknown as ShownPolicies
    expect((await ask('PUT', adminPaths.policies, { bearer, body: { version, rules } })).status).toBe(200)
    const me = await ask('GET', paths.me, { bearer: await world.token(mailboxes['no-bridge']) })
    expect(me.body.tidy).toBe('off')
    await ask('PUT', adminPaths.policies, { bearer, body: { version: version + 1, rules: [] } })
  })
})
