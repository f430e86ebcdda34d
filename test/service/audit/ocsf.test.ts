import { expect, test } from 'vitest'
import { type Act, acts } from '../../../src/service/audit/acts.ts'
import { genesis } from '../../../src/service/audit/chain.ts'
import { ocsfOf } from '../../../src/service/audit/ocsf.ts'

/**
 * Of OCSF 1.2.0: the category and activities of each class that we use, the fields that it needs beside those of every
 * event, and of which at least one must be there.
 */
const schema: Record<number, { category: number; activities: number[]; needs: string[]; oneOf?: string[] }> =
  {
    3002: {
      category: 3,
      activities: [1, 2, 3, 4, 5, 6],
      needs: ['user'],
      oneOf: ['service', 'dst_endpoint'],
    },
    3004: { category: 3, activities: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], needs: ['entity'] },
    6002: { category: 6, activities: [1, 2, 3, 4], needs: ['app'] },
  }

/** The fields of an event of any of these classes, and the form of those that are numbers. */
const known = new Set(
  `activity_id actor app category_uid class_name class_uid count entity message metadata service severity_id
   status_detail status_id time type_uid unmapped user`.split(/\s+/),
)

const caller = `entra:${'1'.repeat(36)}:${'2'.repeat(36)}`
const subjects = { key: 'key:2026-11', credential: `credential:${'3'.repeat(36)}` }
const subjectOf = (act: Act) => {
  if (/key|re-wrap|service/.test(act)) return subjects.key
  return act.startsWith('credential') ? subjects.credential : null
}

test.each(Object.keys(acts) as Act[])('“%s” is an event of OCSF 1.2.0', (act) => {
  const detail = act === 'proof refused' ? 'reason=form count=3' : null
  const record = { seq: 7, at: '2026-11-28T21:00:00.000Z', act, caller, organisation: null, detail }
  const event: Record<string, unknown> = ocsfOf({
    ...record,
    subject: subjectOf(act),
    previous: genesis,
    hash: 'f'.repeat(64),
  })
  for (const name of Object.keys(event)) expect(known, name).toContain(name)
  const { category, activities, needs, oneOf } = schema[Number(event.class_uid)] ?? {}
  expect(event.category_uid).toBe(category)
  expect(activities).toContain(event.activity_id)
  expect(event.type_uid).toBe(Number(event.class_uid) * 100 + Number(event.activity_id))
  expect(event.time).toBe(Date.UTC(2026, 10, 28, 21))
  expect([1, 2]).toContain(event.severity_id)
  expect([1, 2]).toContain(event.status_id)
  expect(event.metadata).toMatchObject({
    version: '1.2.0',
    product: { vendor_name: expect.any(String) },
    sequence: 7,
  })
  for (const name of needs ?? []) expect(event[name], name).toBeDefined()
  if (oneOf) expect(oneOf.some((name) => name in event)).toBe(true)
  // A user and an entity need a name or an id, and an actor who or what it was.
  for (const name of ['user', 'entity'])
    if (event[name]) expect(JSON.stringify(event[name])).toMatch(/"(name|uid)":"[^"]+"/)
  // Who acted is the actor, and not what was read or changed.
  if (event.entity) expect(event.entity).not.toMatchObject({ type: 'entra' })
  if (/^(zoom|calendar|template) |^disconnected/.test(act))
    expect(event.entity).toMatchObject({ uid: caller })
  if (event.actor) expect(JSON.stringify(event.actor)).toMatch(/"(user|app_name)":/)
  if (act === 'proof refused') expect(event).toMatchObject({ status_id: 2, status_detail: 'form', count: 3 })
})
