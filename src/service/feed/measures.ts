import { sql } from 'kysely'
import { counted, type Measure, minute } from '../telemetry/measure.ts'

/** The sessions of apps, of all processes together. */
export const feedMeasures: readonly Measure[] = [
  {
    name: 'app_sessions',
    help: 'Sessions of apps that have not ended; at most 100,000',
    labels: [],
    keptFor: minute,
    statement: sql`select ${counted(sql`select from app_sessions where until > now()`)} as value`,
  },
]
