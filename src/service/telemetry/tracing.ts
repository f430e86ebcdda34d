import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { formed, type Listener, type Log } from '../log.ts'
import { outsideCallIn } from './outside-call.ts'
import type { Spans } from './spans.ts'

/** Milliseconds for one request to the collector with its retries, and for the last one of a process. */
const [deadline, lastDeadline] = [5_000, 2_000]

const kinds = { request: SpanKind.SERVER, job: SpanKind.CONSUMER, work: SpanKind.INTERNAL } as const

interface Needs {
  /** Where the collector is: `https://collector.contoso.example:4318`. */
  endpoint: string
  /** The share of traces that is sent, 0 to 1. */
  share: number
  log: Pick<Log, 'warn'>
}

/**
 * Traces for an OpenTelemetry collector (OTLP over HTTP, JSON). Spans are named and described by the log's lines, whose
 * fields have forms that no content has; ids are left out. A collector that fails or hangs costs spans and nothing else.
 */
export function createTracing({ endpoint, share, log }: Needs) {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: deadline,
    concurrencyLimit: 2,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'zoom-for-outlook' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: reporting(exporter, log), exportTimeoutMillis: deadline + 1_000 }),
    ],
  })
  const tracer = provider.getTracer('zoom-for-outlook')
  const active = new AsyncLocalStorage<{ span: Span; context: Context }>()

  const spans: Spans = {
    within(kind, name, act) {
      const parent = active.getStore()?.context ?? ROOT_CONTEXT
      const span = tracer.startSpan(name, { kind: kinds[kind] }, parent)
      return active.run({ span, context: trace.setSpan(parent, span) }, () => act().finally(() => span.end()))
    },
  }

  const hear: Listener = (line, said) => {
    const around = active.getStore()
    if (!around) return
    const { span, context } = around
    const fields = formed(said)
    const call = outsideCallIn(line, fields)
    if (call) {
      const { vendor, operation, outcome, milliseconds } = call
      const ended = Date.now()
      const startTime = ended - milliseconds
      const [method = '', route = ''] = operation.split(' ')
      const attributes = {
        ...{ 'peer.service': vendor, 'http.request.method': method, 'url.template': route, outcome },
        ...(fields.status && { 'http.response.status_code': fields.status }),
      }
      const made = tracer.startSpan(
        `${vendor} ${operation}`,
        { kind: SpanKind.CLIENT, startTime, attributes },
        context,
      )
      if (outcome !== 'ok') made.setStatus({ code: SpanStatusCode.ERROR })
      return made.end(ended)
    }
    const { method = '', route = '', status = 0, problem, error, reason, records } = fields
    const attributes: Attributes = {}
    if (line === 'request') {
      span.updateName(`${method} ${route}`)
      Object.assign(attributes, {
        ...{ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status },
      })
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    } else if (line === 'problem') attributes['error.type'] = problem
    else if (line === 'work failed' || line === 'bug') {
      attributes['error.type'] = problem ?? error
      span.setStatus({ code: SpanStatusCode.ERROR })
    } else if (line === 'event followed' || line === 'divergence repaired') attributes.result = reason
    else if (line === 'calendar compared') attributes.events = records
    span.setAttributes(attributes)
  }

  return {
    spans,
    hear,
    /** Sends what is left. It takes two seconds at most. */
    async close(): Promise<void> {
      const late = new Promise<void>((resolve) => setTimeout(resolve, lastDeadline).unref())
      await Promise.race([provider.shutdown().catch(() => {}), late])
    },
  }
}

/** Says in the log how many spans did not arrive. */
const reporting = (exporter: OTLPTraceExporter, log: Pick<Log, 'warn'>): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      if (result.error) log.warn('traces not sent', { records: spans.length })
      done(result)
    }),
  forceFlush: () => exporter.forceFlush(),
  shutdown: () => exporter.shutdown(),
})
