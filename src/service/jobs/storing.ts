import { type RawBuilder, sql } from 'kysely'
import { queues } from './queues.ts'

/** A job that is stored by the statement of the act that needs it. */
export interface Storable {
  /** What it is about, as JSON. */
  data: string
  singletonKey: string
  person: string
  tier: string | null
  priority: number
  /** Seconds from now. */
  startAfter: number
}

/**
 * Parts of a `with`: stores it as pg-boss does, if `from` has a row. Of the jobs with its key that wait there is one, as
 * always: it waits until then too. Nobody is woken: it is for later.
 */
export const storing = (
  { data, singletonKey, person, tier, priority, startAfter }: Storable,
  from: RawBuilder<unknown>,
) => {
  const due = sql`now() + make_interval(secs => ${startAfter}::double precision)`
  const isHere = sql`name = ${sql.lit(queues.events.name)}`
  return sql`
    moved as (
      update pgboss.job set start_after = ${due}, keep_until = ${due} + (keep_until - start_after), priority = ${priority}::int
      from ${from}
      where ${isHere} and state = 'created' and policy = 'stately' and coalesce(singleton_key, '') = ${singletonKey}
      returning 1
    ),
    stored as (
      insert into pgboss.job (name, data, singleton_key, group_id, group_tier, priority, start_after, keep_until, policy,
        expire_seconds, deletion_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, dead_letter)
      select queue.name, ${data}::jsonb, ${singletonKey}, ${person}, ${tier}, ${priority}::int, ${due},
        ${due} + make_interval(secs => queue.retention_seconds), queue.policy, queue.expire_seconds, queue.deletion_seconds,
        queue.retry_limit, queue.retry_delay, queue.retry_backoff, queue.retry_delay_max, queue.dead_letter
      from pgboss.queue, ${from} where ${isHere} and not exists (select from moved)
      on conflict do nothing
    )`
}
