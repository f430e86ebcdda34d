import { readFileSync } from 'node:fs'
import { parser } from '@prometheus-io/lezer-promql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { newKey, putMeeting } from '../../kit.ts'
import { engines, openWorld, type World } from '../kit.ts'
import { samplesIn, scraped } from './kit.ts'

interface Rule {
  alert: string
  expr: string
  for?: string
  labels: { severity: string; service: string }
  annotations: { summary: string; runbook: string }
}
interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[]
}
const read = (path: string) => readFileSync(path, 'utf8')
const rules: Rule[] = parse(read('deploy/alerts.yaml')).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
)
const panels = (JSON.parse(read('deploy/grafana-dashboard.json')) as Dashboard).panels
/** What Grafana puts in place of its variables. */
const asked = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m')] as const),
)
const expressions = [...rules.map(({ alert, expr }) => [alert, expr] as const), ...asked]

let world: World
/** What Prometheus reads of a new process, and after some requests. */
let [first, metrics] = ['', '']
beforeAll(async () => {
  world = await openWorld(engines.at(-1) as (typeof engines)[number])
  const service = await world.startService({ METRICS_PORT: 0 })
  first = await scraped(service.metricsPort)
  await putMeeting(service.origin, await world.token(), newKey())
  await putMeeting(service.origin, 'no token', newKey())
  metrics = await scraped(service.metricsPort)
})
afterAll(() => world.close())

/** The texts of an expression's nodes of a kind. `⚠` is what Prometheus does not understand. */
function nodes(expression: string, kind: string): string[] {
  const found: string[] = []
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError ? kind === '⚠' : type.name === kind) found.push(expression.slice(from, to))
    },
  })
  return found
}

test('a judge of expressions that refuses nothing is none', () => {
  expect(nodes('sum by (line) (rate(a[5m]', '⚠')).not.toEqual([])
  expect(nodes('sum(a{b="c"})', 'Identifier')).toEqual(['a'])
})

test('the alerts and the dashboard ask for metrics that a service has, in Prometheus’ language', () => {
  const names = [...metrics.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
    type === 'histogram' ? ['bucket', 'count', 'sum'].map((part) => `${name}_${part}`) : [name],
  )
  expect(expressions.length).toBeGreaterThan(30)
  for (const [where, expression] of expressions) {
    expect(nodes(expression, '⚠'), where).toEqual([])
    const metricsOf = nodes(expression, 'Identifier')
    expect(metricsOf, where).not.toEqual([])
    expect(
      metricsOf.filter((name) => !names.includes(name)),
      where,
    ).toEqual([])
  }
})

/** A request or a call of a new kind begins its own series. What is alerted about lasts for minutes. */
const shares = /_(request|outside_call)_seconds_count$/

test.for(rules.map(({ alert, expr }) => [alert, expr] as const))(
  'a new process has each series that the alert %s names, so that the first event counts',
  ([, expression]) => {
    const samples = samplesIn(first)
    for (const selector of nodes(expression, 'VectorSelector')) {
      const [name = ''] = nodes(selector, 'Identifier')
      if (shares.test(name)) continue
      const there = samples(name.replace('zoom_for_outlook_', ''))
      // The reasons for which a proof is refused are not listed anywhere.
      if (!name.includes('proofs_refused')) expect(there, selector).not.toEqual([])
      for (const [, label = '', values = ''] of selector.matchAll(/(\w+)=~?"([^"]+)"/g))
        for (const value of values.split('|'))
          expect(
            there.map(({ labels }) => labels[label]),
            selector,
          ).toContain(value)
    }
  },
)

test('every metric of the service is on the dashboard', () => {
  const shown = asked.flatMap(([, expression]) => nodes(expression, 'Identifier'))
  const ours = [...metrics.matchAll(/^# TYPE (zoom_for_outlook_\w+)/gm)].map(([, name = '']) => name)
  expect(
    ours.filter((name) => !shown.some((one) => one.replace(/_(bucket|count|sum)$/, '') === name)),
  ).toEqual([])
})

test('the alerts and the dashboard ask for labels, lines and problems that there are', () => {
  const page = read('docs/administrators.md')
  const [, table = ''] = page.split('## 15. Metrics and traces')
  const known = new Set([...table.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  const rows = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) => cell.match(/[^`]+/g) ?? [])
  for (const [where, expression] of expressions) {
    const labels = nodes(expression, 'LabelName').filter((name) => !['le', 'instance'].includes(name))
    expect(
      labels.filter((name) => !known.has(name)),
      where,
    ).toEqual([])
    for (const [, values = ''] of expression.matchAll(/(?:line|problem)=~?"([^"]+)"/g))
      expect(
        values.split('|').filter((value) => !rows.includes(value)),
        where,
      ).toEqual([])
    for (const [, values = ''] of expression.matchAll(/(?:state|outcome|result)=~?"([^"]+)"/g))
      expect(
        values.split('|').filter((value) => !page.includes(`\`${value}\``)),
        where,
      ).toEqual([])
  }
})

test('each alert has its paragraph in the run-book, and each paragraph its alert', () => {
  const paragraphs = read('docs/run-book.md').split(/^## /m).slice(1)
  expect(paragraphs.map((text) => text.split('\n')[0])).toEqual(rules.map(({ alert }) => alert))
  for (const [index, { alert, labels, annotations }] of rules.entries()) {
    expect(annotations.runbook).toBe(`docs/run-book.md#${alert.toLowerCase()}`)
    expect(paragraphs[index]).toContain(`\`${labels.severity}\`: ${annotations.summary}`)
    expect(paragraphs[index]).toMatch(/^- \S/m)
  }
})

test('the sample of a log pipeline passes on fields of the log, and no id of a person or a meeting', () => {
  const [filter] = parse(read('deploy/fluent-bit.yaml')).pipeline.filters
  const lines: Record<string, unknown>[] = world.logged.map((line) => JSON.parse(line))
  expect(lines.some((line) => 'caller' in line)).toBe(true)
  const passed = lines.map((line) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => filter.allowlist_key.includes(name))),
  )
  expect(JSON.stringify(passed)).not.toMatch(/entra:|exch:|"meeting"|"caller"|@/)
  const fields = read('src/service/log.ts').split('const fields = {')[1]?.split('\n} as const')[0] ?? ''
  const named = [...fields.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)
  const passable = named.filter(
    (name) => !['caller', 'meeting', 'server', 'key', 'stack'].includes(name ?? ''),
  )
  expect(['level', 'msg', ...passable, 'port', 'metricsPort']).toEqual(
    expect.arrayContaining(filter.allowlist_key),
  )
})
