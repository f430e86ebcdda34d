import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as OTLP has it in JSON. */
interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  status: { code?: number }
  attributes: { key: string; value: Record<string, unknown> }[]
}

/** An OpenTelemetry collector, which answers with `status`. 0: it hangs. */
export async function openCollector() {
  const bodies: string[] = []
  let status = 200
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    bodies.push(
      `${request.method} ${request.url} ${JSON.stringify(request.headers)}\n${Buffer.concat(chunks)}`,
    )
    if (status > 0) response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Everything that it was sent, headers too. */
    bodies,
    answers(next: number): void {
      status = next
    },
    /** What it was sent, by the name of the span. */
    spans: (name: string): Span[] =>
      bodies
        .flatMap((body) => JSON.parse(body.slice(body.indexOf('\n'))).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .filter((span) => span.name === name),
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}
