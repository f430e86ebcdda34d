import type { Statements } from '../database/statements.ts'
import { queues } from './queues.ts'

/** `tomorrow`: it waits for the next day of Zoom. `late`: for another try, or for many others. `failed`: it is given up. */
export type Late = 'tomorrow' | 'late' | 'failed'

/** The dead letters of the jobs with these keys, by the index that pg-boss has. */
const dead = (keys: string) =>
  `name = '${queues.dead.name}' and state < 'active' and singleton_key = any(${keys}::text[])`
const [events, key] = [`name = '${queues.events.name}'`, `coalesce(singleton_key, '')`]

/** Instead of why it has failed: a request has done since what it is about. */
const made = '{"reason": "made_by_request"}'

/** Jobs that are not done as soon as they are stored. */
export const lateJobs = ({ execute }: Pick<Statements, 'execute'>) => ({
  /** Of the jobs with these keys. Undefined: none is late. One that waits is newer than one that is given up. */
  async of(keys: readonly string[]): Promise<Late | undefined> {
    const { rows } = await execute(
      `with waiting as (
         select state = 'created' and start_after >= date_trunc('day', now(), 'UTC') + interval '1 day' as tomorrow
         from pgboss.job
         where ${events} and state < 'active' and singleton_key = any($1::text[])
           and (state = 'retry' and output is distinct from '${made}' or state = 'created'
             and (start_after > now() or created_on < now() - interval '1 minute' and group_tier is null))
         union all
         select false from pgboss.job
         where ${events} and state = 'active' and policy = 'stately' and ${key} = any($1::text[]) and retry_count > 0
       )
       select case
         when exists (select from waiting where not tomorrow) then 'late'
         when exists (select from waiting) then 'tomorrow'
         when exists (select from pgboss.job where ${dead('$1')}) then 'failed' end as late`,
      [keys],
    )
    return (rows as { late: Late | null }[])[0]?.late ?? undefined
  },

  /** Which of these keys have a job that is not done, or was given up. */
  async stored(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await execute(
      `select distinct singleton_key as key from pgboss.job
       where name = any($1::text[]) and state < 'completed' and singleton_key = any($2::text[])`,
      [[queues.events.name, queues.dead.name], keys],
    )
    return new Set((rows as { key: string }[]).map(({ key }) => key))
  },

  /** A job has done what those with these keys are about: none of them counts as given up. Nothing of it stays either. */
  async settle(keys: readonly string[], id: string): Promise<void> {
    await execute(
      `with done as (delete from pgboss.job where ${events} and id = $2) delete from pgboss.job where ${dead('$1')}`,
      [keys, id],
    )
  },

  /** One more with these keys is about to be given up, and stands for all of them. */
  async forget(keys: readonly string[]): Promise<void> {
    await execute(`delete from pgboss.job where ${dead('$1')}`, [keys])
  },

  /**
   * A request has done what those with these keys are about: none of them counts as given up, or is late before it fails
   * again. `isFollowed`: a job of another key will follow the event, so that none has to wait for tomorrow.
   */
  async replace(keys: readonly string[], isFollowed: boolean): Promise<void> {
    await execute(
      `with postponed as (
         delete from pgboss.job where ${events} and state = 'created' and singleton_key = any($1::text[])
           and start_after > now() + interval '10 minutes' and $2::boolean
       ), kept as (
         update pgboss.job set output = '${made}'
         where ${events} and state = 'retry' and singleton_key = any($1::text[])
       ) delete from pgboss.job where ${dead('$1')}`,
      [keys, isFollowed],
    )
  },
})
