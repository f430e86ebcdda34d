import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import {
  type AccessToken,
  type Account,
  accessTokenSchema,
  accountSchema,
  type Connection,
  type Connections,
  connectionSchema,
  connectionsSchema,
  mailboxSchema,
  type ProvedMailbox,
  type ProviderName,
  provedMailboxSchema,
  providers,
  tokenIdPattern,
} from '../../contract/connections.ts'
import { type Login, loginSchema } from '../../contract/identity.ts'
import { paths } from '../../contract/paths.ts'
import { type Permits, permissions } from '../../contract/permission.ts'
import { Problem } from '../../contract/problems.ts'
import type { Guards } from '../http/guards.ts'
import { saidTo } from '../http/language.ts'
import { type Api, answerOf, bearer, json, rareParameter, refusals } from '../http/openapi.ts'
import { challengePattern, linkIn, returned, toDialog } from '../identity/routes.ts'
import type { Access } from './access.ts'
import { allOf, type ConnectionActs, type ConnectionListeners } from './connections.ts'
import type { ExchangeProvider } from './exchange.ts'

const connection = answerOf<Connection>('Connection', connectionSchema)
const accessToken = answerOf<AccessToken>('AccessToken', accessTokenSchema)
const connections = answerOf<Connections>('Connections', connectionsSchema)
const login = answerOf<Login | Account | ProvedMailbox>('LoginOrAccount', {
  type: 'object',
  anyOf: [loginSchema, accountSchema, provedMailboxSchema],
})
const mailbox = answerOf<{ mailbox: string }>('Mailbox', mailboxSchema)
const tokenId = new RegExp(tokenIdPattern)
const provider = z.object({ provider: z.enum(providers) })

const routes = {
  list: createRoute({
    method: 'get',
    path: paths.connections,
    summary: "The state of the caller's connections",
    description:
      'Asks each provider, if it has not accepted the stored credential recently and is not known to be down.',
    security: bearer,
    responses: { 200: json(connections, 'By provider. Empty: this caller can connect none'), ...refusals },
  }),
  connect: createRoute({
    method: 'put',
    path: paths.connection,
    summary: 'Connect the calendar of the caller, or their own Zoom account',
    description:
      'Microsoft 365: by OAuth 2.0 on-behalf-of, without a body; the bearer must be an access token of Entra. With `claims`, get an access token that satisfies them and call again. Zoom and Google: by a sign-in there, whose result is the body. Exchange Server: with the account in the body; a password that the server has refused is not tried again within an hour. Where a service account opens mailboxes: with the address of the mailbox and the code that was put into it.',
    security: bearer,
    request: {
      params: provider,
      body: { required: false, content: { 'application/json': { schema: login } } },
    },
    responses: {
      200: json(connection, 'The connection, or the state that keeps it from being made'),
      ...refusals,
    },
  }),
  sendCode: createRoute({
    method: 'post',
    path: paths.exchangeCode,
    summary: 'Put a message with a code into a mailbox on an Exchange server',
    description:
      'Only where a policy lets a service account open mailboxes. The code is valid for ten minutes and five attempts; a newer one replaces it.',
    security: bearer,
    request: { body: { required: true, content: { 'application/json': { schema: mailbox } } } },
    responses: { 204: { description: 'The message is in the Inbox' }, ...refusals },
  }),
  beginGoogleLogin: createRoute({
    method: 'get',
    path: paths.googleLogin,
    summary: 'Start a sign-in to Google, in an Office dialog',
    request: {
      query: z.object({
        challenge: challengePattern,
        permission: z.enum(permissions),
        contacts: z.enum(permissions).optional(),
      }),
    },
    responses: toDialog,
  }),
  finishGoogleLogin: createRoute({
    method: 'get',
    path: paths.googleLoginCallback,
    summary: 'Where Google redirects the browser after the sign-in',
    request: { query: returned },
    responses: toDialog,
  }),
  disconnect: createRoute({
    method: 'delete',
    path: paths.connection,
    summary: 'End a connection of the caller',
    security: bearer,
    request: { params: provider },
    responses: { 204: { description: 'The credential and its data key are deleted' }, ...refusals },
  }),
  accessToken: createRoute({
    method: 'post',
    path: paths.microsoftAccessToken,
    summary:
      "An access token of Microsoft Graph for the caller's own calendar, and for contacts where the organisation allows it",
    description:
      'Short-lived, for an app that reads the calendar from the provider itself. If the provider refuses the token, send its `id` as `refused` to get another one.',
    security: bearer,
    parameters: [rareParameter('query', 'refused', { type: 'string', pattern: tokenIdPattern })],
    responses: { 200: json(accessToken, 'The access token'), ...refusals },
  }),
}

/** The connections of the caller. The proof says whose they are: no request can name another person's. */
export function connectionRoutes(
  api: Api,
  guards: Guards,
  acts: Record<ProviderName, ConnectionActs>,
  access: Record<ProviderName, Access>,
  listeners: ConnectionListeners,
  beginGoogleLogin: (challenge: string, permits: Permits) => Promise<string>,
  sendCode: ExchangeProvider['sendCode'],
): void {
  api.use(`${paths.googleLogin}/*`, guards.limitedByAddress)
  api.openapi(routes.beginGoogleLogin, (c) => {
    const { challenge, ...permits } = c.req.valid('query')
    return guards.toDialog(c, () => beginGoogleLogin(challenge, permits))
  })
  api.openapi(routes.finishGoogleLogin, (c) => guards.toDialog(c, async () => linkIn(c.req.valid('query'))))

  api.use(paths.connections, guards.active)
  // By method: of one method, Hono's fast router refuses a parameter beside a path with a word there.
  api.on(['PUT', 'DELETE'], '/connections/:provider', guards.active)
  api.openapi(routes.list, async (c) =>
    c.json(shownTo(c, await allOf(acts, c.get('active'), listeners)), 200),
  )
  api.openapi(routes.connect, async (c) => {
    const proof = (c.req.header('authorization') ?? '').slice('Bearer '.length)
    const brought = { bearer: proof, login: c.req.valid('json') }
    const connection = await acts[c.req.valid('param').provider].connect(c.get('active'), brought)
    return c.json({ ...connection, says: saidTo(c, connection.says) }, 200)
  })
  api.on('POST', paths.exchangeCode, guards.active)
  api.openapi(routes.sendCode, async (c) => {
    await sendCode(c.get('active'), c.req.valid('json'), (sentence) => saidTo(c, sentence))
    return c.body(null, 204)
  })
  api.openapi(routes.disconnect, async (c) => {
    await acts[c.req.valid('param').provider].disconnect(c.get('active'))
    return c.body(null, 204)
  })

  // `withProof` only: the act itself asks the database whether the caller has disconnected, and not at each request.
  api.on('POST', paths.microsoftAccessToken, guards.withProof)
  api.openapi(routes.accessToken, async (c) =>
    c.json(await access.microsoft.give(c.get('caller'), refusedIn(c)), 200),
  )
}

/** The connections with what people read, in the language that the request asks for. */
function shownTo(c: Context, { sync, ...all }: Connections): Connections {
  const inLanguage = Object.entries(all).map(([name, connection]) => [
    name,
    { ...connection, says: saidTo(c, connection.says) },
  ])
  return { ...Object.fromEntries(inLanguage), ...(sync && { sync: saidTo(c, sync) }) }
}

/** The id of the token that the provider has refused. */
function refusedIn(c: Context): string | undefined {
  const [refused, ...others] = c.req.queries('refused') ?? []
  if (refused === undefined || (tokenId.test(refused) && others.length === 0)) return refused
  throw new Problem('invalid_request', { field: 'refused', why: 'has the wrong form' })
}
