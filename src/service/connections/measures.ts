import { sql } from 'kysely'
import { connectionKinds, stateNames } from '../../contract/connections.ts'
import { type Measure, minute } from '../telemetry/measure.ts'

/** What people and administrators have connected, of all processes together. */
export const connectionMeasures: readonly Measure[] = [
  {
    name: 'connections',
    help: 'Connections and their credentials',
    labels: ['provider', 'state'],
    keptFor: minute,
    // Also where there are none: an alert compares with an hour ago, and Prometheus compares nothing with what was not there.
    statement: sql`select provider, state, count(person) as value
      from unnest(${[...connectionKinds]}::text[]) as kinds (provider)
      cross join unnest(${stateNames.filter((name) => name !== 'not_connected')}::text[]) as states (state)
      left join connections using (provider, state)
      group by provider, state`,
  },
]
