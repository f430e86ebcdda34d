import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPostgres, openWorld, type World } from './kit.ts'

const page = readFileSync('docs/for-reviewers.md', 'utf8')

/** A row of the tables between these marks: the tables that it is about, and the columns that it names. */
const rowsOf = (mark: string) =>
  new RegExp(`<!-- ${mark} -->\\n(.*?)<!-- /${mark} -->`, 's')
    .exec(page)?.[1]
    ?.split('\n')
    .slice(2)
    .filter(Boolean)
    .map((row) => row.split('|').slice(1, -1))
    .map(([tables = '', , columns = '']) => ({ tables: codeIn(tables), columns: codeIn(columns) })) ?? []
const codeIn = (cell: string) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name as string)

describe.skipIf(!hasPostgres)('the page for reviewers', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    await world.startService()
  })
  afterAll(() => world.close())

  /** `table.column` of every column, or of those of these types. Of a table in parts, only the whole. */
  async function columnsOf(schema: string, types = '') {
    const rows = await world.sql(
      `select relname as table, attname as column from pg_attribute
       join pg_class on pg_class.oid = attrelid join pg_type on pg_type.oid = atttypid
       where relnamespace = '${schema}'::regnamespace and relkind in ('r', 'p', 'v', 'm') and attnum > 0
         and not attisdropped and relname !~ '_[0-9]{8}$' ${types}`,
    )
    return rows.map(({ table, column }) => `${table}.${column}`).sort()
  }

  test('describes every table and every column that the service makes', async () => {
    const described = rowsOf('tables').flatMap(({ tables: [table], columns }) =>
      columns.map((column) => `${table}.${column}`),
    )
    expect(described.sort()).toEqual(await columnsOf('public'))
  })

  test('describes every table of jobs, and every column of it that can hold text', async () => {
    const rows = rowsOf('jobs')
    const tables = await columnsOf('pgboss').then((all) => new Set(all.map((one) => one.split('.')[0])))
    expect(rows.flatMap((row) => row.tables).sort()).toEqual([...tables].sort())
    const holdsNoText = `and typname not in ('int4', 'int8', 'bool', 'uuid', 'timestamptz', 'timestamp')`
    const named = rows.flatMap(({ tables, columns }) =>
      tables.flatMap((table) => columns.map((column) => `${table}.${column}`)),
    )
    const missing = (await columnsOf('pgboss', holdsNoText)).filter((column) => !named.includes(column))
    expect(missing).toEqual([])
    for (const table of rows.find(({ columns }) => columns.includes('command'))?.tables ?? [])
      expect(await world.sql(`select from pgboss.${table}`), `${table} is not used`).toEqual([])
  })

  test('names the published id of the add-in, and the permission that the manifest asks for', () => {
    const manifest = readFileSync('manifest.xml', 'utf8')
    expect(page).toContain(`\`${/<Id>(.*?)</.exec(manifest)?.[1]}\``)
    expect(page).toContain(`| \`${/<Permissions>(.*?)</.exec(manifest)?.[1]}\` |`)
  })
})
