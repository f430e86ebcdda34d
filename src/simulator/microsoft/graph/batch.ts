import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { GraphError } from './errors.ts'

/** The most requests in a batch. Source: Microsoft Graph, "Combine multiple HTTP requests using JSON batching". */
const most = 20
/** How many of them run at the same time for one mailbox. */
const atATime = 4

const step = z.object({
  id: z.string(),
  method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
  url: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
})
type Step = z.infer<typeof step>
const batch = z.object({ requests: z.array(step).min(1) })

interface Answered {
  id: string
  status: number
  headers: Record<string, string>
  body?: unknown
}

/** Runs the requests of a batch by `app`, each with the batch's token, and answers each by itself. */
export async function runBatch(c: Context, app: Hono): Promise<Response> {
  const { data, error } = batch.safeParse(await c.req.json().catch(() => undefined))
  if (!data) throw new GraphError('BadRequest', error && z.prettifyError(error))
  if (data.requests.length > most)
    throw new GraphError('BadRequest', `Number of batch request steps exceeds the maximum value of ${most}.`)
  const answers = new Map<string, Promise<Answered>>()
  const slots = Array.from({ length: atATime }, () => Promise.resolve())
  for (const [index, one] of data.requests.entries()) {
    const turn = slots[index % atATime] ?? Promise.resolve()
    const needed = one.dependsOn.map((id) => answers.get(id))
    const answer = turn.then(async () => {
      const before = await Promise.all(needed)
      const failed = before.some((other) => other === undefined || other.status >= 400)
      return failed ? failedDependency(one) : run(one, c, app)
    })
    answers.set(one.id, answer)
    slots[index % atATime] = answer.then(() => {})
  }
  return c.json({ responses: await Promise.all(answers.values()) })
}

async function run({ id, method, url, headers, body }: Step, c: Context, app: Hono): Promise<Answered> {
  const to = new URL(`/v1.0${url}`, c.req.url)
  const all = { ...headers, authorization: c.req.header('authorization') ?? '' }
  const init = { method, headers: all, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const answer = await app.fetch(new Request(to, init), c.env)
  const text = await answer.text()
  return {
    id,
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    ...(text !== '' && { body: JSON.parse(text) }),
  }
}

function failedDependency({ id }: Step): Answered {
  const { code, message, status } = new GraphError('FailedDependency')
  return { id, status, headers: {}, body: { error: { code, message } } }
}
