import { sql } from 'kysely'
import { queues } from '../jobs/queues.ts'
import { byState, counted, type Measure, minute, seconds } from '../telemetry/measure.ts'
import { hasFailed, isDormant } from './watches.ts'

const waiting = (queue: { name: string }) =>
  sql`pgboss.job where name = ${queue.name} and state in ('created', 'retry') and not blocked`
/** Of one state: the index then has the first one at its beginning, before all that wait for another day. */
const first = (state: string) =>
  sql`(select min(start_after) from pgboss.job where name = ${queues.events.name} and state = ${sql.lit(state)} and not blocked)`
const starting = sql`subscription is null and (${hasFailed}) is not true`

/** Waiting work and the state of the calendars, of all processes together. Each question has an index. */
export const syncMeasures: readonly Measure[] = [
  {
    name: 'jobs',
    help: 'Events that wait to be followed now, are followed, or could not be followed; at most 100,000',
    labels: ['state'],
    keptFor: seconds,
    statement: byState({
      waiting: counted(sql`select from ${waiting(queues.events)} and start_after <= now()`),
      running: counted(sql`select from pgboss.job where name = ${queues.events.name} and state = 'active'`),
      dead: counted(sql`select from ${waiting(queues.dead)}`),
    }),
  },
  {
    name: 'job_oldest_seconds',
    help: 'For how long the job that is due first has been waiting',
    labels: [],
    keptFor: seconds,
    statement: sql`
      select coalesce(greatest(0, extract(epoch from now() - least(${first('created')}, ${first('retry')}))), 0) as value`,
  },
  {
    name: 'renewals',
    help: 'Subscriptions to be made or renewed now, and those that ended without it; at most 100,000',
    labels: ['state'],
    keptFor: seconds,
    statement: byState({
      due: counted(sql`select from watches where due_at <= now()`),
      late: counted(sql`select from watches where expires_at <= now() and (due_at <= now() or ${hasFailed})`),
    }),
  },
  {
    name: 'passes_due',
    help: 'Calendars to be compared now; at most 100,000',
    labels: [],
    keptFor: seconds,
    statement: sql`select ${counted(sql`select from watches where pass_at <= now() and subscription is not null`)} as value`,
  },
  {
    name: 'watches',
    help: 'Watched calendars',
    labels: ['state'],
    keptFor: minute,
    statement: byState({
      failing: sql`(select count(*) from watches where ${hasFailed})`,
      starting: sql`(select count(*) from watches where ${starting} and not ${isDormant})`,
      watched: sql`(select count(*) from watches) - (select count(*) from watches where ${hasFailed})
        - (select count(*) from watches where ${starting})`,
    }),
  },
]
