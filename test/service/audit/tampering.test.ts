import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Act, acts } from '../../../src/service/audit/acts.ts'
import { append, type Entry } from '../../../src/service/audit/append.ts'
import { genesis, hashOf } from '../../../src/service/audit/chain.ts'
import { headOf, recordsAfter } from '../../../src/service/audit/records.ts'
import { verifyDatabase } from '../../../src/service/audit/verify.ts'
import { type Database, openDatabase } from '../../../src/service/database/open.ts'
import { engines } from '../kit.ts'
import { openTrail, type Trail } from './kit.ts'

const caller = `entra:${'1'.repeat(36)}:${'2'.repeat(36)}`
const other = `entra:${'1'.repeat(36)}:${'3'.repeat(36)}`

/** What somebody with every right in the database does to a trail of 12 records, and the first record that is wrong. */
const forgeries: [name: string, statement: string, seq: number, kind: string][] = [
  ['a caller exchanged', `update audit set caller = '${other}' where seq = 5`, 5, 'changed'],
  ['an act exchanged', `update audit set act = 'session started' where seq = 1`, 1, 'changed'],
  ['a time moved', `update audit set at = at - interval '1 hour' where seq = 12`, 12, 'changed'],
  ['a detail removed', 'update audit set detail = null where seq = 7', 7, 'changed'],
  ['an organisation added', `update audit set organisation = 'zoom:a' where seq = 4`, 4, 'changed'],
  ['a hash exchanged', `update audit set hash = sha256('') where seq = 6`, 6, 'changed'],
  ['a record removed', 'delete from audit where seq = 5', 5, 'missing'],
  ['the first record removed', 'delete from audit where seq = 1', 1, 'missing'],
  ['the last record removed', 'delete from audit where seq = 12', 12, 'missing'],
  ['every record removed', 'delete from audit', 1, 'missing'],
  [
    'a record removed and the others moved up',
    'delete from audit where seq = 5; update audit set seq = -seq where seq > 5; update audit set seq = -seq - 1 where seq < 0',
    5,
    'changed',
  ],
  [
    'two records exchanged',
    'update audit set seq = -seq where seq in (3, 8); update audit set seq = case seq when -3 then 8 else 3 end where seq < 0',
    3,
    'changed',
  ],
  [
    'a record inserted at the end',
    'insert into audit select 13, at, act, caller, organisation, subject, detail, hash from audit where seq = 12',
    13,
    'changed',
  ],
  [
    'a record inserted in the middle',
    `update audit set seq = -seq - 1 where seq > 5; update audit set seq = -seq where seq < 0;
     insert into audit select 6, at, act, caller, organisation, subject, detail, hash from audit where seq = 5`,
    6,
    'changed',
  ],
  ['the head moved back', 'update audit_head set seq = 9', 10, 'added'],
  ['the head exchanged', `update audit_head set hash = sha256('')`, 12, 'changed'],
]

describe.each(engines)('an audit trail on the %s database', (engine) => {
  let trail: Trail
  let database: Database
  let close: () => Promise<void>
  beforeAll(async () => {
    trail = await openTrail(engine)
    const opened = await openDatabase(trail.databaseUrl, trail.folder)
    database = opened.database
    close = opened.close
  })
  afterAll(async () => {
    await close()
    await trail.close()
  })

  /** A trail of 12 records, and what its checkpoints know of it. */
  async function fill(database: Database): Promise<Map<number, string>> {
    await asSuperuser(
      database,
      `delete from audit; update audit_head set seq = 0, hash = decode('${genesis}', 'hex')`,
    )
    const checkpoints = new Map<number, string>()
    for (let count = 1; count <= 12; count++) {
      await append(database, { act: 'proof refused', caller, detail: { reason: 'form', count } })
      if (count % 4 > 0) continue
      const { seq, hash } = await headOf(database)
      checkpoints.set(seq, hash)
    }
    return checkpoints
  }

  test.each(forgeries)(
    'with %s is not intact, and the first record that is wrong is named',
    async (...forgery) => {
      const [, statement, seq, kind] = forgery
      await fill(database)
      expect(await verifyDatabase(database, new Map())).toMatchObject({ intact: true, first: 1, last: 12 })
      await asSuperuser(database, statement)
      const verdict = await verifyDatabase(database, new Map())
      expect(verdict).toMatchObject({ intact: false, fault: { seq, kind } })
    },
  )

  /** Recomputes every hash from this record on, as somebody would who knows how. */
  async function rewriteFrom(database: Database, from: number): Promise<void> {
    let previous = genesis
    let last = 0
    const updates: string[] = []
    for await (const record of recordsAfter(database, 0)) {
      last++
      const hash = last < from ? record.hash : hashOf(previous, { ...record, seq: last })
      if (last >= from)
        updates.push(
          `update audit set seq = ${last}, hash = decode('${hash}', 'hex') where seq = ${record.seq}`,
        )
      previous = hash
    }
    updates.push(`update audit_head set seq = ${last}, hash = decode('${previous}', 'hex')`)
    await asSuperuser(database, updates.join(';'))
  }

  const rewritings: [name: string, statement: string, from: number, seq: number, kind: string][] = [
    ['changed', `update audit set caller = '${other}' where seq = 6`, 6, 5, 'rewritten'],
    [
      'changed after the last checkpoint but one',
      `update audit set caller = null where seq = 12`,
      12,
      9,
      'rewritten',
    ],
    ['removed', 'delete from audit where seq = 3', 3, 1, 'rewritten'],
    ['removed at the end', 'delete from audit where seq > 10', 11, 11, 'cut off'],
    ['removed altogether', 'delete from audit', 1, 1, 'cut off'],
  ]
  test.each(rewritings)(
    'whose records were %s, and every hash made anew, is consistent, but not with its checkpoints',
    async (...rewriting) => {
      const [, statement, from, seq, kind] = rewriting
      const checkpoints = await fill(database)
      expect(await verifyDatabase(database, checkpoints)).toMatchObject({ intact: true, checkpoints: 3 })
      await asSuperuser(database, statement)
      await rewriteFrom(database, from)
      expect(await verifyDatabase(database, new Map())).toMatchObject({ intact: true })
      const verdict = await verifyDatabase(database, checkpoints)
      expect(verdict).toMatchObject({ intact: false, fault: { seq, kind } })
    },
  )

  test('refuses every change of a record to the service', async () => {
    await fill(database)
    for (const statement of [
      'update audit set caller = null where seq = 5',
      'update audit set hash = hash',
      'delete from audit where seq = 12',
      'delete from audit where false',
      'truncate audit',
      'delete from audit_head',
      'truncate audit_head',
    ])
      await expect(sql.raw(statement).execute(database), statement).rejects.toThrow('only appended')
    expect(await verifyDatabase(database, new Map())).toMatchObject({ intact: true, last: 12 })
  })

  test('takes every act of the table, and refuses secrets, addresses, names and titles in every field', async () => {
    await fill(database)
    for (const act of Object.keys(acts) as Act[]) await append(database, { act })
    const contents = [
      'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln',
      `session_${'s'.repeat(43)}`,
      'k'.repeat(43),
      'ada@contoso.example',
      'Ada Lovelace',
      'Quarterly review',
      'review',
      '<p>Agenda</p>',
      '',
    ]
    for (const content of contents) {
      const entries: Entry[] = [
        { act: content as Act },
        { act: 'disconnected', caller: content },
        { act: 'disconnected', organisation: content },
        { act: 'disconnected', subject: content },
        { act: 'disconnected', detail: { reason: `${content}.` } },
        { act: 'disconnected', detail: { [content]: 1 } },
      ]
      for (const entry of entries)
        await expect(append(database, entry), JSON.stringify(entry)).rejects.toThrow(/audit_\w+_check/)
    }
    const verdict = await verifyDatabase(database, new Map())
    expect(verdict).toMatchObject({ intact: true, last: 12 + Object.keys(acts).length })
  })
})

/** Triggers stop nobody who may switch them off. */
async function asSuperuser(database: Database, statements: string): Promise<void> {
  await database.connection().execute(async (all) => {
    for (const statement of [
      'set session_replication_role = replica',
      'alter table audit drop constraint if exists audit_seq_check',
      ...statements.split(';'),
      'set session_replication_role = origin',
    ])
      await sql.raw(statement).execute(all)
  })
}

test('the page for developers has every act with its meaning', () => {
  const page = readFileSync(new URL('../../../docs/developers.md', import.meta.url), 'utf8')
  const rows = Object.entries(acts).map(([act, { means }]) => `| \`${act}\` | ${means} |\n`)
  expect(page).toContain(rows.join(''))
})
