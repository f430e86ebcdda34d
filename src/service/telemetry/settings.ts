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
})
export type TelemetrySettings = SettingsOf<typeof telemetrySettings>
