import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import { secureHeaders } from 'hono/secure-headers'
import { ownCalendarHeader, ownerHeader } from '../../contract/owner.ts'
import { Problem } from '../../contract/problems.ts'
import type { ActiveCaller, Administrator, Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import type { Spans } from '../telemetry/spans.ts'

/**
 * What middleware gives to a route. A header that every answer carries is set on Node's answer (`outgoing`): to read
 * or change Hono's answer turns it into a web `Response`, which takes longer than everything else here.
 */
export interface Env {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    /** Set by `guards.withProof`. */
    caller: Caller
    /** Set by `guards.active`. */
    active: ActiveCaller
    /** Set by `guards.administrator`. */
    administrator: Administrator
    /** An app asked for tokens before its person has signed in. */
    isWaiting?: boolean
  }
}

/** The largest body of a request, in bytes. Five facts are far smaller. */
const largestBody = 8 * 1024
/** The largest of an administrator's, who may send the texts of invitations in every language. */
export const largestOfAdministrator = 32 * 1024

/** Gives each request an id, sets the headers of its answer, and logs one line when it is answered. */
export const accessLog = (log: Log, spans: Spans, setHeaders: (c: Context<Env>) => void) =>
  createMiddleware<Env>(async (c, next) => {
    const began = performance.now()
    const requestId = randomUUID()
    c.set('requestId', requestId)
    c.env.outgoing.setHeader('x-request-id', requestId)
    setHeaders(c)
    await spans.within('request', c.req.method, async () => {
      await next()
      log.info('request', {
        requestId,
        method: c.req.method,
        route: routePath(c, -1),
        status: statusOf(c),
        milliseconds: Math.round(performance.now() - began),
      })
    })
  })

/** The status of the answer, also of one that the route has written itself. */
export const statusOf = ({ env: { outgoing }, res }: Context<Env>): number =>
  outgoing.headersSent ? outgoing.statusCode : res.status

/** Requires `Content-Length`, and refuses a body over the limit. Node reads no more than `Content-Length` says. */
export function limitBody({ headers }: IncomingMessage, largest = largestBody): void {
  if (headers['transfer-encoding'])
    throw new Problem('invalid_request', { field: 'body', why: 'does not say its size' })
  if (Number(headers['content-length'] ?? 0) > largest) throw new Problem('too_large')
}

/**
 * Built files and an organisation's icons carry a hash of their content in their path and are cached for a year; pages
 * are revalidated. A cache keeps each compressed form apart.
 */
export const cacheHeaders = createMiddleware<Env>(async (c, next) => {
  await next()
  const hashed = /^\/((addin|console|upcoming|room)\/assets|icons)\//.test(c.req.path)
  if (!c.res.ok) return
  c.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  c.header('vary', 'Origin, Accept-Encoding')
})

interface Origins {
  /** Where people sign in. */
  authority: string
  /** The Outlooks that may show our pages. */
  frameAncestors: readonly string[]
  /** The calendar providers, which *Upcoming* asks itself. */
  providers: readonly string[]
}

/** Answers a browser that asks whether a page of these origins may call the API. No cookie is for them. */
export const preflight = (origins: readonly string[]) =>
  cors({
    origin: [...origins],
    allowMethods: ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', ownerHeader, ownCalendarHeader],
    maxAge: 600,
  })

/** SHA-256 of an empty string. Fluent UI adds empty style elements and inserts rules by script, which the policy allows. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

/** Where our pages are, and what they load. What any other path answers is no page. */
const files = /^\/(addin|console|upcoming|room|assets)(\/|$)/
/** Sign-in pages open in a window of their own. No other page may frame them. */
const ownWindow = /^\/addin\/dialog\//
/** No page may frame the console, so none can make an administrator click. */
const consolePaths = /^\/console/
/** Nor the apps, whose buttons join a meeting. */
const [upcomingPaths, roomPaths] = [/^\/upcoming/, /^\/room/]

/**
 * Sets the headers of every answer. A content security policy: our pages load, connect to and are framed by what is
 * named here only. What is no page has few headers: apps ask for it often. No cache may store it, because it is for this
 * caller only, unless its route says otherwise. Pages of `callers`, which are origins, may read the answers: each request
 * carries its bearer.
 */
export async function answerHeaders({
  authority,
  frameAncestors,
  providers,
  callers,
}: Origins & { callers: string[] }) {
  const framed = await headersFor(policyOfAddIn(authority, [...frameAncestors, "'self'"]))
  const unframed = await headersFor(policyOfAddIn(authority, ["'self'"]))
  const alone = await headersFor(policyOfAddIn(authority, ["'none'"]))
  const upcoming = await headersFor(policyOfApp(providers))
  const room = await headersFor(policyOfApp([]))
  const headersAt = (path: string) => {
    if (!files.test(path)) return ofNoPage
    if (upcomingPaths.test(path)) return upcoming
    if (roomPaths.test(path)) return room
    return consolePaths.test(path) ? alone : ownWindow.test(path) ? unframed : framed
  }
  return (c: Context<Env>) => {
    const { incoming, outgoing } = c.env
    for (const [name, value] of headersAt(c.req.path)) outgoing.setHeader(name, value)
    outgoing.setHeader('vary', 'Origin')
    const { origin } = incoming.headers
    if (!origin || !callers.includes(origin)) return
    outgoing.setHeader('access-control-allow-origin', origin)
    outgoing.setHeader('access-control-expose-headers', 'WWW-Authenticate,Retry-After,X-Request-Id')
  }
}

/** Source: OWASP, "REST Security Cheat Sheet". The referrer policy is for redirects, whose address may have a code. */
const ofNoPage = [
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['strict-transport-security', 'max-age=15552000; includeSubDomains'],
  ['x-content-type-options', 'nosniff'],
] as const

const policyOfAddIn = (authority: string, frameAncestors: string[]) => ({
  defaultSrc: ["'none'"],
  // Office.js, and the MicrosoftAjax library that its Outlook part loads.
  scriptSrc: ["'self'", 'https://appsforoffice.microsoft.com', 'https://ajax.aspnetcdn.com'],
  styleSrc: ["'self'", emptyStyle],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'", authority],
  // MSAL gets tokens in a hidden frame: Entra's page, then our redirect page.
  frameSrc: [authority, "'self'"],
  frameAncestors: [...frameAncestors],
  baseUri: ["'none'"],
  formAction: ["'none'"],
})

const [own, nothing] = [["'self'"], ["'none'"]]
/** It loads nothing from elsewhere, and reads calendars from these providers. */
const policyOfApp = (providers: readonly string[]) => ({
  defaultSrc: nothing,
  scriptSrc: own,
  styleSrc: own,
  imgSrc: own,
  manifestSrc: own,
  connectSrc: [...own, ...providers],
  frameAncestors: nothing,
  baseUri: nothing,
  formAction: nothing,
})

/** What `secureHeaders` adds to each page. */
async function headersFor(
  contentSecurityPolicy: ReturnType<typeof policyOfAddIn | typeof policyOfApp>,
): Promise<[string, string][]> {
  const secure = secureHeaders({
    contentSecurityPolicy,
    // Outlook frames our pages. `frame-ancestors` says which Outlooks may.
    xFrameOptions: false,
    // The sign-in window must be able to send its result to the page that opened it.
    crossOriginOpenerPolicy: false,
    // Outlook's own pages, on other origins, show our icons.
    crossOriginResourcePolicy: 'cross-origin',
  })
  const answer = await new Hono().use(secure).request('/')
  return [...answer.headers].filter(([name]) => name !== 'content-type')
}
