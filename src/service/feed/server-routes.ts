import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import type Provider from 'oidc-provider'
import { feedPaths, ownApps } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import { alreadySent } from '../http/already-sent.ts'
import { bodyOf } from '../http/body.ts'
import type { Guards } from '../http/guards.ts'
import { type Env, limitBody } from '../http/middleware.ts'
import type { Api } from '../http/openapi.ts'
import { newSecret } from '../vault/hashed-secret.ts'
import { askPage, choosePage, failedPage, pageHeaders } from './pages.ts'
import type { AppSessions } from './sessions.ts'
import { callbackPaths, codeFor, isAnswer, signInPath, type Way, type Ways } from './ways.ts'

interface Needs {
  publicUrl: string
  /** The authorization server, made at the first request. Throws `not_supported` where people cannot sign in to apps. */
  server(): Promise<{ provider: Provider; ways: Ways; secret: Buffer }>
  sessions: AppSessions
  requireActive(caller: Caller): Promise<ActiveCaller>
  /** The person has just proved who they are. */
  met(caller: ActiveCaller): Promise<void>
}

/** Bytes of a form, and of the query of an address: what an app asks for is stored until its sign-in ends. */
const largestForm = 4 * 1024

/** Whether an app is a page of this service. */
const isOwnPage = (clientId: string) =>
  Object.entries(ownApps).some(([id, { redirect }]) => id === clientId && redirect.startsWith('/'))

/** Our context of each request that the authorization server answers. */
const contexts = new WeakMap<IncomingMessage, Context>()
export const contextOf = (request: IncomingMessage): Context => contexts.get(request) as Context

/** The authorization server, and the sign-in at Entra or Zoom in the middle of its flows. */
export function serverRoutes(api: Api, guards: Guards, needs: Needs): void {
  const { publicUrl, server, sessions, requireActive, met } = needs
  const { host, protocol } = new URL(publicUrl)

  /** The library writes Node's answer itself. It takes its own address from these headers, which no client can send. */
  async function handOver(c: Context<Env>): Promise<Response> {
    const { provider } = await server()
    const { incoming, outgoing } = c.env
    limitBody(incoming, largestForm)
    addressed(incoming)
    contexts.set(incoming, c)
    await provider.callback()(incoming, outgoing)
    return alreadySent()
  }

  function addressed(incoming: IncomingMessage): void {
    incoming.headers.host = host
    incoming.headers['x-forwarded-host'] = host
    incoming.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    delete incoming.headers['x-forwarded-for']
  }

  /** The sign-in that this browser has begun. Undefined: none, or it has ended. */
  async function begun(c: Context<Env>) {
    const made = await server()
    addressed(c.env.incoming)
    const { incoming, outgoing } = c.env
    const interaction = await made.provider.interactionDetails(incoming, outgoing).catch((error: Error) => {
      if (error.name === 'SessionNotFound') return undefined
      throw error
    })
    if (!interaction) return undefined
    const client = await made.provider.Client.find(interaction.params.client_id)
    return client && { ...made, interaction, client }
  }

  const failed = (c: Context<Env>) => c.body(failedPage(c), 400, pageHeaders)

  async function finish(c: Context<Env>, { provider }: { provider: Provider }, result: object) {
    const options = { mergeWithLastSubmission: false }
    return c.redirect(await provider.interactionResult(c.env.incoming, c.env.outgoing, result, options), 303)
  }
  const cancelled = { error: 'access_denied', error_description: 'the person did not sign in' }

  api.get(feedPaths.authorize, guards.limitedSignIns, (c) => {
    // An answer in a form would need a script, and no app reads one in the fragment.
    const isRefused =
      new URL(c.req.url).search.length > largestForm || (c.req.query('response_mode') ?? 'query') !== 'query'
    return isRefused ? Promise.resolve(failed(c) as Response) : handOver(c)
  })
  for (const path of [`${feedPaths.authorize}/:uid`, `${feedPaths.device}/:uid`])
    api.get(path, guards.limitedApps, handOver)
  api.get(feedPaths.metadata, handOver)
  api.post(feedPaths.token, guards.limitedApps, handOver)
  api.post(feedPaths.revoke, guards.limitedApps, handOver)
  api.post(feedPaths.deviceAuthorization, guards.limitedSignIns, handOver)
  api.get(feedPaths.device, guards.limitedSignIns, (c) => {
    // An address that brings the code with it would need one click only.
    const isComplete = c.req.query('user_code') !== undefined
    return isComplete ? Promise.resolve(c.redirect(feedPaths.device, 303) as Response) : handOver(c)
  })
  api.post(feedPaths.device, guards.limitedGuesses, handOver)

  api.get(signInPath, guards.limitedApps, async (c) => {
    const found = await begun(c)
    if (!found) return failed(c)
    const { interaction, client, ways, secret } = found
    const { uid, params, deviceCode } = interaction
    const [only, ...others] = Object.values(ways)
    const asks = { form: codeFor(secret, 'form', uid), ways: Object.keys(ways) as Way[] }
    // Our own page is where the person just was. Of a device they have confirmed the code.
    const isKnown = isOwnPage(client.clientId) || deviceCode
    if (isKnown && only && others.length === 0) return c.redirect(only.address(uid), 303)
    const app = client.clientName ?? client.clientId
    const page = isKnown ? choosePage(c, asks) : askPage(c, { app, scope: params.scope ?? '', ...asks })
    return c.body(page, 200, pageHeaders)
  })

  api.post(signInPath, guards.limitedApps, async (c) => {
    const found = await begun(c)
    const form = new URLSearchParams(await bodyOf(c.env.incoming, largestForm))
    if (!found || form.get('form') !== codeFor(found.secret, 'form', found.interaction.uid)) return failed(c)
    const way = Object.entries(found.ways).find(([name]) => name === form.get('answer'))?.[1]
    if (!way) return finish(c, found, cancelled)
    return c.redirect(way.address(found.interaction.uid), 303)
  })

  /** Where the person comes back to after this way. */
  const calledBack = (name: Way) => async (c: Context<Env>) => {
    const completed = guards.completed(c)
    const found = await begun(c)
    const { state = '', code } = c.req.query()
    const signIn = found?.ways[name]
    if (!found || !signIn || !isAnswer(found.secret, name, found.interaction.uid, state)) return failed(c)
    if (!code) return finish(c, found, cancelled)
    const { interaction, provider, client } = found
    try {
      const caller = await requireActive(await signIn.person(interaction.uid, code))
      await met(caller)
      const grant = new provider.Grant({ accountId: caller.subject, clientId: client.clientId })
      grant.addOIDCScope(interaction.params.scope ?? '')
      // The session first: a grant without one is removed as what is left of one.
      const grantId = newSecret('')
      grant.jti = grantId
      await sessions.begin(caller, client.clientId, grantId)
      await grant.save()
      await completed()
      return finish(c, found, { login: { accountId: caller.subject, remember: false }, consent: { grantId } })
    } catch (error) {
      if (!(error instanceof Problem) || error.code === 'unexpected') throw error
      return finish(c, found, { error: 'access_denied', error_description: error.code })
    }
  }
  api.get(callbackPaths.entra, guards.limitedApps, calledBack('entra'))
  api.get(callbackPaths.zoom, guards.limitedApps, calledBack('zoom'))
}
