import { sql } from 'kysely'
import { type Measure, minute } from '../telemetry/measure.ts'

/** What people and administrators have connected, of all processes together. */
export const connectionMeasures: readonly Measure[] = [
  {
    name: 'connections',
    help: 'Connections and their credentials',
    labels: ['provider', 'state'],
    keptFor: minute,
    statement: sql`select provider, state, count(*) as value from connections group by provider, state`,
  },
]
