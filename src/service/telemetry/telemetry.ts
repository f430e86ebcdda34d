import type { Database } from '../database/open.ts'
import type { Listener } from '../log.ts'
import type { System } from '../system.ts'
import type { TelemetrySettings } from './settings.ts'

/** What the service tells about itself, beside its log. */
export interface Telemetry {
  readonly listeners: readonly Listener[]
  /** Where metrics are read. Undefined: nobody may read them. */
  readonly metricsPort?: number
  /** A round of background work has ended well. */
  worked(work: string): void
  /** What the systems count in the database is part of the metrics from now on. */
  measure(database: Database, systems: readonly System[]): void
  close(): void
}

/** What is switched off is not even loaded. Throws an error for an administrator. */
export async function openTelemetry(settings: TelemetrySettings): Promise<Telemetry> {
  if (settings.METRICS_PORT === undefined) return { listeners: [], worked() {}, measure() {}, close() {} }
  const [{ createMetrics }, { serveMetrics }] = await Promise.all([
    import('./metrics.ts'),
    import('./metrics-server.ts'),
  ])
  const { hear, worked, measure, contentType, scrape } = createMetrics()
  const { port, close } = await serveMetrics(settings, contentType, scrape)
  return {
    listeners: [hear],
    metricsPort: port,
    worked,
    measure: (database, systems) =>
      measure(
        database,
        systems.flatMap(({ measures }) => measures ?? []),
      ),
    close,
  }
}
