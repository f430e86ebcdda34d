import type { Guards } from './http/guards.ts'
import type { Api } from './http/openapi.ts'
import type { Gauge, Measure } from './telemetry/measure.ts'
import type { Work } from './work/work.ts'

/**
 * A part of the service with a folder of its own. The folder also has `settings.ts` (what it reads from the environment)
 * and `tables.ts` (what it stores). `start.ts` lists all systems.
 */
export interface System {
  /** Adds its routes to the API. `guards` refuse requests before they reach a route. */
  routes?(api: Api, guards: Guards): void
  /** What it does at regular intervals. */
  readonly work?: readonly Work[]
  /** What is counted in the database when somebody reads the metrics. */
  readonly measures?: readonly Measure[]
  /** What this process has when somebody reads the metrics. */
  readonly gauges?: readonly Gauge[]
}
