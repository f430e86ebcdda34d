import { randomUUID } from 'node:crypto'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import { secureHeaders } from 'hono/secure-headers'
import { ownerHeader } from '../../contract/owner.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller, Proven } from '../caller.ts'
import type { Log } from '../log.ts'

/** What a request carries on its way to its route. */
export interface Env {
  Variables: { requestId: string; proven: Proven; caller: Caller }
}

/** The largest body of any request, in bytes; five facts are far smaller. */
const largestBody = 8 * 1024

/** Gives the request an id of our own making, and the log one line when it is answered. */
export const observed = (log: Log) =>
  createMiddleware<Env>(async (c, next) => {
    const began = performance.now()
    const requestId = randomUUID()
    c.set('requestId', requestId)
    // Before the answer is made: a header added to a finished one makes it anew.
    c.header('x-request-id', requestId)
    await next()
    log.info('request', {
      requestId,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      milliseconds: Math.round(performance.now() - began),
    })
  })

/** Pages of these origins may ask us, with what they show as bearer: there are no cookies to send along. */
export const answerable = (origins: readonly string[]) =>
  cors({
    origin: [...origins],
    allowMethods: ['GET', 'PUT', 'POST', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', ownerHeader],
    exposeHeaders: ['WWW-Authenticate', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
  })

/** A body must say its size before it is read, and Node reads no more than that. */
export const sized = createMiddleware<Env>(async (c, next) => {
  if (c.req.header('transfer-encoding')) {
    throw new Problem('invalid_request', { field: 'body', why: 'does not say its size' })
  }
  if (Number(c.req.header('content-length') ?? 0) > largestBody) throw new Problem('too_large')
  return next()
})

/** Answers of the API are for the caller alone and for this moment. */
export const unstored = createMiddleware<Env>(async (c, next) => {
  c.header('cache-control', 'no-store')
  return next()
})

/** Built files carry their content's hash in their name; pages are asked for anew each time. */
export const cached = createMiddleware<Env>(async (c, next) => {
  await next()
  const hashed = c.req.path.startsWith('/addin/assets/')
  if (c.res.ok) c.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
})

interface Origins {
  /** Where people sign in. */
  authority: string
  /** The Outlooks that may show our pages. */
  frameAncestors: readonly string[]
}

/** SHA-256 of nothing: Fluent UI makes empty style elements and fills them rule by rule, which a policy cannot forge. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

/** What is opened in a window of its own, to sign in: nobody may frame it. */
const ownWindow = /^\/(addin\/dialog|link)\//

/** No page of ours runs, loads or is shown by anything that is not named here. */
export function secured({ authority, frameAncestors }: Origins) {
  const framed = headersFor({ authority, frameAncestors: [...frameAncestors, "'self'"] })
  const alone = headersFor({ authority, frameAncestors: ["'self'"] })
  return createMiddleware<Env>((c, next) => (ownWindow.test(c.req.path) ? alone : framed)(c, next))
}

const headersFor = ({ authority, frameAncestors }: Origins) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      // Office.js, and the MicrosoftAjax library that its Outlook part asks for.
      scriptSrc: ["'self'", 'https://appsforoffice.microsoft.com', 'https://ajax.aspnetcdn.com'],
      styleSrc: ["'self'", emptyStyle],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", authority],
      // A hidden frame asks Entra for a token, and the answer comes back to a page of ours in it.
      frameSrc: [authority, "'self'"],
      frameAncestors: [...frameAncestors],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
    // Outlook frames our pages: who may is said by frame-ancestors alone.
    xFrameOptions: false,
    // A window that we open to sign in must be able to answer us.
    crossOriginOpenerPolicy: false,
    // Outlook's own pages, on other origins, show our icons.
    crossOriginResourcePolicy: 'cross-origin',
  })
