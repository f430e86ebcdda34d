import { sql } from 'kysely'
import { type Options, savedOptionsFrom } from '../../contract/meeting-options.ts'
import { Problem } from '../../contract/problems.ts'
import { mostTemplates, type Saved, type Template, templateFrom } from '../../contract/templates.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { Callers } from '../identity/callers.ts'
import type { sealing } from './sealing.ts'

interface Needs {
  database: Database
  audit: Audit
  callers: Pick<Callers, 'hold'>
  sealed: ReturnType<typeof sealing>
}

/** The row of a person's defaults. Every other one is a template, by its id. */
const defaultsId = 'defaults'

interface Row {
  id: string
  sealed: Buffer
}

/** What people have saved: their defaults, and templates. */
export function savedOptions({ database, audit, callers, sealed }: Needs) {
  const rowsOf = async (subject: string, id?: string) => {
    const { rows } = await sql<Row>`
      select id, sealed from templates
      where subject = ${subject} and (${id ?? null}::text is null or id = ${id ?? null})
      order by created_at, id`.execute(database)
    return rows
  }
  /** What a row holds. Undefined: it cannot be opened, or is of an earlier form. */
  async function open<T>(subject: string, { id, sealed: bytes }: Row, read: (input: unknown) => T) {
    const found = await sealed.open({ subject, id }, bytes)
    try {
      return read(found)
    } catch (error) {
      if (error instanceof Problem) return undefined
      throw error
    }
  }

  async function save(caller: ActiveCaller, id: string, saved: object): Promise<void> {
    const { subject } = caller
    const bytes = await sealed.seal({ subject, id }, saved)
    await audit.together(database, async (all, record) => {
      await callers.hold(caller, all)
      await sql`
        insert into templates (subject, id, sealed) values (${subject}, ${id}, ${bytes})
        on conflict (subject, id) do update set sealed = ${bytes}`.execute(all)
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from templates
        where subject = ${subject} and id <> ${defaultsId}`.execute(all)
      if (Number(rows[0]?.count) > mostTemplates) throw new Problem('too_many_templates')
      await record({ act: 'template saved', caller: subject })
    })
  }

  return {
    async of(subject: string): Promise<Saved> {
      const rows = await rowsOf(subject)
      const templates: Record<string, Template> = {}
      let defaults: Options = {}
      for (const row of rows) {
        if (row.id === defaultsId) defaults = (await open(subject, row, savedOptionsFrom)) ?? {}
        else {
          const template = await open(subject, row, templateFrom)
          if (template) templates[row.id] = template
        }
      }
      return { defaults, templates }
    },

    /** What each new meeting of the person gets. */
    async defaultsOf(subject: string): Promise<Options> {
      const [row] = await rowsOf(subject, defaultsId)
      return (row && (await open(subject, row, savedOptionsFrom))) ?? {}
    },

    saveDefaults: (caller: ActiveCaller, options: Options) => save(caller, defaultsId, options),

    /** Throws `too_many_templates`. */
    save: (caller: ActiveCaller, id: string, template: Template) => save(caller, id, template),

    /** One that is not there is deleted. */
    async delete({ subject }: ActiveCaller, id: string): Promise<void> {
      await audit.together(database, async (all, record) => {
        const { numAffectedRows } = await sql`
          delete from templates where subject = ${subject} and id = ${id}`.execute(all)
        if ((numAffectedRows ?? 0n) > 0n) await record({ act: 'template deleted', caller: subject })
      })
    },
  }
}
export type SavedOptions = ReturnType<typeof savedOptions>
