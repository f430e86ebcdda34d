import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { openDatabase } from '../../../src/service/database/open.ts'

test('the table of jobs takes ids only: the database refuses event content in each column that pg-boss fills', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-'))
  cpSync(inject('embeddedTemplate'), join(folder, 'database', 'pglite'), { recursive: true })
  const { statements, close } = await openDatabase(undefined, folder)
  const person = `entra:${'0'.repeat(36)}:${'1'.repeat(36)}`
  const insert = (column: string, value: string) =>
    statements.execute(`insert into pgboss.job (name, ${column}) values ('events', $1)`, [value])
  const content = ['Quarterly review', 'bob@fabrikam.example', '<p>Agenda</p>', 'a\nb']
  for (const text of content) {
    for (const column of ['singleton_key', 'group_id', 'group_tier'])
      await expect(insert(column, text), `${column} takes ${text}`).rejects.toThrow('ids_only')
    for (const column of ['data', 'output', 'source_output'])
      for (const value of [
        text,
        { subject: text, event: 'A' },
        { subject: person, event: text },
        { reason: text },
      ])
        await expect(insert(column, JSON.stringify(value)), `${column} takes ${text}`).rejects.toThrow(
          'ids_only',
        )
  }
  await insert('data', JSON.stringify({ subject: person, event: 'AAMkAD_-A=' }))
  await insert('output', JSON.stringify({ reason: 'calendar_unreachable' }))
  await close()
  rmSync(folder, { recursive: true })
})
