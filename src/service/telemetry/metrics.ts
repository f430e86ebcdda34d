import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ProblemCode } from '../../contract/problems.ts'
import type { Database } from '../database/open.ts'
import { type Fields, formed, type Listener } from '../log.ts'
import { keptMeasures } from './kept-measures.ts'
import type { Measure, Gauge as OfProcess } from './measure.ts'
import { outsideCallIn } from './outside-call.ts'

type Line = Parameters<Listener>[0]

const quick = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Seconds, up to a day: a meeting may wait until Zoom counts a new day. */
const patient = [0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400]
/**
 * What `deploy/alerts.yaml` watches for. These series begin at 0, because Prometheus' `increase` does not count the events
 * with which a series begins.
 */
const watchedLines = [
  'bug',
  'credential not opened',
  'certificate ends',
  'certificate not renewed',
  'exchange certificate ends',
  'entra keys unavailable',
  'vault key unavailable',
  'exchange metadata unavailable',
] as const satisfies Line[]
const watchedProblems = [
  'zoom_misconfigured',
  'calendar_misconfigured',
  'sign_in_misconfigured',
] as const satisfies ProblemCode[]
/** Anybody can send a request with a method of their own. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Metrics in Prometheus' text format. They are counted from the log's lines: what is logged needs no second report, and
 * has a form that no content has. No label is the id of anything.
 */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `zoom_for_outlook_${name}`, help, labelNames, registers })
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `zoom_for_outlook_${name}`, help, labelNames, registers })
  const histogram = (name: string, help: string, buckets: number[], ...labelNames: string[]) =>
    new Histogram({ name: `zoom_for_outlook_${name}`, help, buckets, labelNames, registers })

  const requests = histogram(
    'request_seconds',
    'Requests, by the pattern of their path',
    quick,
    ...['method', 'route', 'status'],
  )
  const calls = histogram(
    'outside_call_seconds',
    'Requests to outside systems',
    quick,
    ...['vendor', 'operation', 'outcome'],
  )
  const problems = counter('problems_total', 'What failed for a known reason', 'problem', 'during')
  const refusals = counter('proofs_refused_total', 'Refused proofs of who is asking', 'reason')
  const lines = counter('log_lines_total', 'Warnings and errors in the log', 'line')
  const lag = histogram('sync_lag_seconds', 'From a notification to the change in Zoom', patient)
  const followed = counter('events_followed_total', 'Events that were read after a change', 'result')
  const repaired = counter('divergences_total', 'Meetings that a comparison had to put right', 'result')
  const passes = counter('passes_total', 'Calendars that were compared')
  const compared = counter('pass_events_total', 'Events in the comparisons of calendars')
  const succeeded = gauge(
    'work_last_success_timestamp_seconds',
    'End of the last round of work, or the start of the process',
    'work',
  )
  const up = gauge('database_up', '1: the database answered the questions for the gauges in time')

  for (const line of watchedLines) lines.inc({ line }, 0)
  for (const problem of watchedProblems)
    for (const during of ['request', 'work']) problems.inc({ problem, during }, 0)
  for (const result of ['changed', 'removed', 'discarded']) repaired.inc({ result }, 0)

  let count = async () => {}

  function hear(line: Line, fields: Fields, isWarning: boolean): void {
    if (isWarning) lines.inc({ line })
    const call = outsideCallIn(line, fields)
    if (call) {
      const { milliseconds, ...labels } = call
      calls.observe({ ...labels }, milliseconds / 1000)
    }
    const { problem, reason = 'unknown', milliseconds = 0, records = 0 } = fields
    if (problem) problems.inc({ problem, during: line === 'problem' ? 'request' : 'work' })
    if (line === 'request') {
      const { method = '', route = 'unknown', status = 0 } = fields
      const shown = methods.has(method) ? method : 'other'
      requests.observe({ method: shown, route, status }, milliseconds / 1000)
    } else if (line === 'audit' && fields.act === 'proof refused') refusals.inc({ reason })
    else if (line === 'event followed') followed.inc({ result: reason })
    else if (line === 'divergence repaired') repaired.inc({ result: reason })
    else if (line === 'discarded meetings removed') repaired.inc({ result: 'discarded' }, records)
    else if (line === 'calendar compared') {
      passes.inc()
      compared.inc(records)
    }
    if (fields.lag !== undefined) lag.observe(fields.lag / 1000)
  }

  return {
    hear: ((line, fields, level) => hear(line, formed(fields), level !== 'info')) as Listener,

    /** A round of background work has ended well, or its first one is still to come: from then on it can be late. */
    worked: (work: string) => succeeded.set({ work }, Date.now() / 1000),

    contentType: registry.contentType,

    /** What is counted in the database with each scrape. What it does not answer is left out, and a gauge says so. */
    measure(database: Database, measures: readonly Measure[]): void {
      const gauges = measures.map(({ name, help, labels }) => gauge(name, help, ...labels))
      const read = keptMeasures(database, measures)
      count = async () => {
        const all = await read()
        for (const [index, rows] of all.entries()) {
          gauges[index]?.reset()
          for (const { value, ...labels } of rows ?? []) gauges[index]?.set(labels, Number(value))
        }
        up.set(all.includes(undefined) ? 0 : 1)
      }
    },

    watch({ name, help, value }: OfProcess): void {
      new Gauge({
        name: `zoom_for_outlook_${name}`,
        help,
        registers,
        collect() {
          this.set(value())
        },
      })
    },

    async scrape(): Promise<string> {
      await count()
      return registry.metrics()
    },
  }
}
