import type { Database } from '../database/open.ts'
import { heardBy, type Listener, type Log } from '../log.ts'
import type { System } from '../system.ts'
import type { TelemetrySettings } from './settings.ts'
import { noSpans, type Spans } from './spans.ts'

/** What the service tells about itself, beside its log. */
export interface Telemetry {
  readonly listeners: readonly Listener[]
  readonly spans: Spans
  /** Where metrics are read. Undefined: nobody may read them. */
  readonly metricsPort: number | undefined
  /** A round of background work has ended well. */
  worked(work: string): void
  /** What the systems count in the database is part of the metrics from now on. */
  measure(database: Database, systems: readonly System[]): void
  close(): Promise<void>
}

/** What is switched off is not even loaded. Throws an error for an administrator. */
export async function openTelemetry(settings: TelemetrySettings, log: Log): Promise<Telemetry> {
  const metrics = await openMetrics(settings)
  const tracing = await openTracing(settings, heardBy(log, metrics ? [metrics.hear] : []))
  return {
    listeners: [metrics?.hear, tracing?.hear].filter((listener) => listener !== undefined),
    spans: tracing?.spans ?? noSpans,
    metricsPort: metrics?.port,
    worked: (work) => metrics?.worked(work),
    measure(database, systems) {
      for (const { name } of systems.flatMap(({ work }) => work ?? [])) metrics?.worked(name)
      metrics?.measure(
        database,
        systems.flatMap(({ measures }) => measures ?? []),
      )
      for (const gauge of systems.flatMap(({ gauges }) => gauges ?? [])) metrics?.watch(gauge)
    },
    async close() {
      metrics?.close()
      await tracing?.close()
    },
  }
}

async function openMetrics(settings: TelemetrySettings) {
  if (settings.METRICS_PORT === undefined) return undefined
  const { createMetrics } = await import('./metrics.ts')
  const { serveMetrics } = await import('./metrics-server.ts')
  const metrics = createMetrics()
  return { ...metrics, ...(await serveMetrics(settings, metrics.contentType, metrics.scrape)) }
}

async function openTracing(settings: TelemetrySettings, log: Log) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share } = settings
  if (!endpoint) return undefined
  const { createTracing } = await import('./tracing.ts')
  return createTracing({ endpoint, share, log })
}
