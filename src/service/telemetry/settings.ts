import { z } from 'zod'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

/** What the service tells about itself, beside its log. Nothing by default. */
export const telemetrySettings = settingsPart({
  shape: {
    METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
    METRICS_HOST: z.string().min(1, 'is empty').default('127.0.0.1'),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .optional(),
    OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  },
  rows: {
    METRICS_PORT: {
      says: 'port of [metrics](#15-metrics-and-traces), plain HTTP without a proof; `0` takes any free one, which the line `started` names',
      example: '9090',
      otherwise: 'none: no metrics',
    },
    METRICS_HOST: { says: 'address of this machine at which `METRICS_PORT` listens', example: '127.0.0.1' },
    OTEL_EXPORTER_OTLP_ENDPOINT: {
      says: 'address of an OpenTelemetry collector, which gets [traces](#15-metrics-and-traces)',
      example: 'https://collector.example.com:4318',
      otherwise: 'none: no traces',
    },
    OTEL_TRACES_SAMPLER_ARG: { says: 'the share of traces that is sent, 0 to 1', example: '0.1' },
  },
})
export type TelemetrySettings = SettingsOf<typeof telemetrySettings>
