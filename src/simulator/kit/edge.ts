import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type MiddlewareHandler } from 'hono'
import { proxy } from 'hono/proxy'
import { type Faults, faulty } from './faults.ts'
import { hintsUnder } from './hints.ts'
import type { Ledger } from './ledger.ts'
import { vendorAgent } from './post.ts'
import { realmPage } from './realm-page.ts'

/**
 * The public address of the add-in and its service, as a gateway is in production. Requests are recorded here, and
 * faults of the network between add-in and service happen here.
 */
export function createEdge({
  service,
  officeJs,
  frame,
  ledger,
  faults,
}: {
  /** The service's own address: `http://127.0.0.1:40123`. */
  service: string
  /** The folder with the genuine Office.js. */
  officeJs: string
  /** The script that prepares a page to run in the simulated Outlook. */
  frame: string
  ledger: Ledger
  faults: Faults
}): Hono {
  const app = new Hono()
  app.get('/simulator/frame.js', kept, serveStatic({ path: frame }))
  app.get('/simulator/realm.html', (c) => c.html(realmPage))
  app.use('/lib/1/hosted/*', kept, serveStatic({ root: officeJs, rewriteRequestPath: fileOfOfficeJs }))
  app.use(onlyForApi(recorded(ledger)), onlyForApi(faulty(faults, 'service')))
  app.all('*', async (c) => {
    const { pathname, search } = new URL(c.req.url)
    const body = ['GET', 'HEAD'].includes(c.req.method) ? null : await c.req.arrayBuffer()
    const answer = await proxy(service + pathname + search, {
      method: c.req.method,
      headers: c.req.raw.headers,
      body,
      redirect: 'manual',
      signal: c.req.raw.signal,
    })
    const type = answer.headers.get('content-type') ?? ''
    if (type.startsWith('text/event-stream') && answer.body)
      return new Response(untilLeft(answer.body).pipeThrough(hintsUnder(faults)), answer)
    return type.startsWith('text/html') ? withFrame(answer) : answer
  })
  app.onError((error, c) => c.text(`The service does not answer: ${error.message}`, 502))
  return app
}

/** Whoever leaves a stream that never ends makes no error. */
function untilLeft(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  return new ReadableStream({
    async pull(controller) {
      const { value } = await reader.read().catch(() => ({ value: undefined }))
      if (value) controller.enqueue(value)
      else controller.close()
    },
    cancel: (reason) => reader.cancel(reason).catch(() => {}),
  })
}

/** Lets the browser cache Office.js, as Microsoft's CDN does. */
const kept: MiddlewareHandler = async (c, next) => {
  await next()
  if (c.res.ok) c.header('cache-control', 'public, max-age=600')
}

/** The package's file names are in lower case; Office.js asks for `en-US`. */
const fileOfOfficeJs = (path: string) => path.slice('/lib/1/hosted'.length).toLowerCase()

/** Changes the address of Office.js in a page: the only difference from production. */
async function withFrame(page: Response): Promise<Response> {
  const html = await page.text()
  const headers = new Headers(page.headers)
  for (const name of ['content-length', 'etag', 'last-modified']) headers.delete(name)
  return new Response(
    html.replace('https://appsforoffice.microsoft.com/lib/1/hosted/office.js', '/simulator/frame.js'),
    { status: page.status, headers },
  )
}

const files = ['/addin/', '/console/', '/upcoming/', '/room/', '/assets/', '/favicon.ico', '/.well-known/']

/** Static files and calls of vendors are not recorded and have no faults. */
function onlyForApi(middleware: MiddlewareHandler): MiddlewareHandler {
  return (c, next) => {
    const isFile = files.some((prefix) => c.req.path.startsWith(prefix))
    return isFile || c.req.header('user-agent') === vendorAgent ? next() : middleware(c, next)
  }
}

/** Records each request before it is handled, and its status when it is answered. */
function recorded(ledger: Ledger): MiddlewareHandler {
  return async (c, next) => {
    const { pathname, search } = new URL(c.req.url)
    const body = readable(await c.req.arrayBuffer())
    const entry = ledger.add({
      kind: 'service',
      method: c.req.method,
      path: pathname + search,
      headers: shown(c.req.header()),
      ...(body === undefined ? {} : { body }),
    })
    await next()
    Object.assign(entry, { status: c.res.status })
    ledger.tell(entry)
  }
}

function readable(bytes: ArrayBuffer): unknown {
  const text = new TextDecoder().decode(bytes)
  if (text === '') return undefined
  try {
    return JSON.parse(text, (name, value) => (name === 'password' ? '[withheld]' : value))
  } catch {
    return text
  }
}

const withheld = new Set(['authorization', 'cookie'])

const shown = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, withheld.has(name) ? '[withheld]' : value]),
  )
