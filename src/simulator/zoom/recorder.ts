import type { MiddlewareHandler } from 'hono'

/** A received request. Secrets appear by name only. */
export interface ReceivedRequest {
  at: string
  method: string
  /** With its query: `/v2/users/ada@contoso.example/meetings?page_size=1`. */
  path: string
  headers: Record<string, string>
  /** Parsed JSON, the parameters of a form, or nothing. */
  body?: unknown
  /** Missing until the request is answered, and if the answer was lost. */
  status?: number
}

const withheld = '[withheld]'
const secretHeaders = new Set(['authorization', 'cookie'])
const secretParameters = ['client_secret', 'code', 'code_verifier', 'refresh_token', 'token']

/** Records every request before it is handled. */
export function recorder(now: () => number) {
  const requests: ReceivedRequest[] = []
  const middleware: MiddlewareHandler = async (c, next) => {
    const { pathname, search } = new URL(c.req.url)
    const body = readable(await c.req.text(), c.req.header('content-type') ?? '')
    const request: ReceivedRequest = {
      at: new Date(now()).toISOString(),
      method: c.req.method,
      path: pathname + search,
      headers: Object.fromEntries(
        Object.entries(c.req.header()).map(([name, value]) => [
          name,
          secretHeaders.has(name) ? withheld : value,
        ]),
      ),
      ...(body !== undefined && { body }),
    }
    requests.push(request)
    await next()
    request.status = c.res.status
  }
  return { middleware, requests: () => requests, reset: () => void requests.splice(0) }
}

function readable(text: string, contentType: string): unknown {
  if (text === '') return undefined
  if (contentType.startsWith('application/x-www-form-urlencoded')) return form(text)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function form(text: string): Record<string, string> {
  const parameters = new URLSearchParams(text)
  for (const name of secretParameters) if (parameters.has(name)) parameters.set(name, withheld)
  return Object.fromEntries(parameters)
}
