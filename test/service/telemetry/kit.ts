/** One sample of a scrape: its labels and its value. */
export interface Sample {
  labels: Record<string, string>
  value: number
}

/** What Prometheus reads, as text. */
export async function scraped(metricsPort: number | undefined): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`)
  return answer.text()
}

/** The samples of a scrape by the name of their metric. */
export function samplesIn(text: string): (name: string) => Sample[] {
  const samples = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, said]) => [key, said])
    return name ? [{ name, labels: Object.fromEntries(pairs), value: Number(value) }] : []
  })
  return (name) => samples.filter((sample) => sample.name === `zoom_for_outlook_${name}`)
}

/** Statuses of the questions that a load balancer or a supervisor asks. */
export const asks = async (origin: string) => {
  const status = async (path: string) => (await fetch(origin + path)).status
  return { ready: await status('/readyz'), healthy: await status('/healthz'), alive: await status('/livez') }
}
export const up = { ready: 200, healthy: 200, alive: 200 }
export const unready = { ready: 503, healthy: 503, alive: 200 }
