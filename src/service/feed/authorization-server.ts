/// <reference path="./oidc-provider.d.ts" />
import { AsyncLocalStorage } from 'node:async_hooks'
import { createPrivateKey, hkdfSync } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type Provider from 'oidc-provider'
import type { Client, Context } from 'oidc-provider'
import { appScopes, feedPaths, ownApps } from '../../contract/feed.ts'
import { lastUsed } from '../last-used.ts'
import type { AppRecords, Payload } from './records.ts'
import { sessionSeconds } from './records.ts'
import type { RegisteredApp } from './settings.ts'
import { signInPath } from './ways.ts'

interface Needs {
  publicUrl: string
  apps: readonly RegisteredApp[]
  records: AppRecords
  /** A secret of the service, 32 bytes: of it come the keys that sign cookies. */
  secret: Buffer
  /** A code or a refresh token was used twice, the app has signed out, or its person is gone or may be: its session ends. */
  end(grantId: string, reason: 'reused' | 'signed_out' | 'refused'): Promise<void>
  /** Whether Entra or Zoom has this person no more. Their silence is no answer. */
  isGone(subject: string): Promise<boolean>
  pages: Pages
  /** A device asked before its person has signed in. */
  waiting(request: IncomingMessage): void
  /** Something failed that is no fault of the request. */
  failed(error: Error): void
}

/** What a person sees of a sign-in with a code. The forms are the authorization server's. */
export interface Pages {
  enterCode(context: Context, form: string, isWrong: boolean): void
  confirmCode(context: Context, form: string, asks: { app: string; scope: string }, code: string): void
  signedIn(context: Context): void
  failed(context: Context): void
}

/** Seconds. W5 in the requirements: access tokens of an hour. They end at once with their session. */
const seconds = { accessToken: 3600, code: 60, device: 600, signIn: 600 }
/** Seconds between two questions of a device (RFC 8628, section 3.2). */
const pollSeconds = 5

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/**
 * The authorization server for apps: OAuth 2.0 for native apps (RFC 8252) with PKCE, refresh tokens that work once, and
 * device codes (RFC 8628). Public clients only: none has a secret. The library speaks the protocol; this says what of it there
 * is. It is loaded at the first request.
 */
export async function authorizationServer(needs: Needs): Promise<Provider> {
  const { default: Provider, errors, interactionPolicy } = await import('oidc-provider')
  const { publicUrl, records, pages } = needs
  const keyFor = (purpose: string) => Buffer.from(hkdfSync('sha256', needs.secret, '', `apps ${purpose}`, 32))
  const signingOut = new AsyncLocalStorage<boolean>()
  const policy = interactionPolicy.base()
  // Nobody is signed in by a cookie of before: each sign-in of an app asks Entra or Zoom.
  const { checks } = policy.get('login')
  checks.clear()
  checks.add(
    new interactionPolicy.Check('each_time', 'a sign-in is required', ({ oidc }) => !oidc?.result?.login),
  )

  const server = new Provider(publicUrl, {
    adapter: (kind: string) => adapter(kind),
    clients: clientsOf(publicUrl, needs.apps),
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    jwks: { keys: [signingKey(keyFor('signing'))] },
    cookies: {
      keys: [keyFor('cookies').toString('base64url')],
      names: { session: '_app_session', interaction: '_app_sign_in', resume: '_app_sign_in_resume' },
      long: { httpOnly: true, sameSite: 'lax', signed: true, path: '/apps/' },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    scopes: [...appScopes],
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA'] },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      revocation: {
        enabled: true,
        // An app ends its own sessions only.
        allowedPolicy: (_: unknown, client: Client, token: { clientId: string }) =>
          token.clientId === client.clientId,
      },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        deviceInfo: () => ({}),
        userCodeInputSource: (context: Context, form: string, _: unknown, error: Error | undefined) =>
          pages.enterCode(context, form, error !== undefined),
        userCodeConfirmSource: (context: Context, form: string, client: Client, _: unknown, code: string) => {
          const app = client.clientName ?? client.clientId
          const scope = context.oidc?.entities.DeviceCode?.params.scope ?? ''
          pages.confirmCode(context, form, { app, scope }, code)
        },
        successSource: (context: Context) => pages.signedIn(context),
      },
    },
    routes: {
      authorization: feedPaths.authorize,
      token: feedPaths.token,
      device_authorization: feedPaths.deviceAuthorization,
      code_verification: feedPaths.device,
      revocation: feedPaths.revoke,
    },
    ttl: {
      AccessToken: seconds.accessToken,
      AuthorizationCode: seconds.code,
      DeviceCode: seconds.device,
      // It ends with its session, which each refresh prolongs.
      Grant: 100 * 365 * 24 * 3600,
      Interaction: seconds.signIn,
      RefreshToken: sessionSeconds,
      Session: seconds.signIn,
    },
    interactions: { policy, url: () => signInPath },
    loadExistingGrant: async (context: {
      oidc: {
        result?: { consent?: { grantId?: string } }
        provider: { Grant: { find(id: string): Promise<unknown> } }
      }
    }) => {
      const id = context.oidc.result?.consent?.grantId
      return id ? context.oidc.provider.Grant.find(id) : undefined
    },
    findAccount: async (_: unknown, accountId: string) => ({
      accountId,
      claims: async () => ({ sub: accountId }),
    }),
    renderError: (context: Context) => pages.failed(context),
  })
  server.proxy = true
  server.silent = true
  server.on('server_error', (_, error) => needs.failed(error))
  server.use(withoutCompleteAddress)
  server.use(queryOnly)
  server.use(slowDown(needs.waiting))
  server.use(({ req }, next) => signingOut.run(req.url === feedPaths.revoke, next))
  return server

  function adapter(kind: string) {
    return {
      /** Nobody stays signed in at this service: the browser's next sign-in may be another person's. */
      upsert: async (id: string, payload: Payload, expiresIn: number) =>
        kind === 'Session' && payload.accountId
          ? records.remove(kind, id)
          : records.put(kind, id, payload, expiresIn),
      find: (id: string) => records.find(kind, id),
      findByUid: (uid: string) => records.findByOther(kind, uid),
      findByUserCode: (userCode: string) => records.findByOther(kind, userCode),
      destroy: (id: string) => records.remove(kind, id),
      /** The library has found it unused, and another request may have used it since. */
      async consume(id: string) {
        const { grantId, accountId } = (await records.find(kind, id)) ?? {}
        const isOver = async (grant: string) =>
          (await needs.isGone(String(accountId))) || !(await records.lasts(grant))
        if (kind === 'RefreshToken' && grantId && (await isOver(grantId))) {
          await needs.end(grantId, 'refused')
          throw new errors.InvalidGrant('the person has to sign in again')
        }
        if (await records.consume(kind, id)) return
        if (grantId) await needs.end(grantId, 'reused')
        throw new errors.InvalidGrant('already used')
      },
      revokeByGrantId: (grantId: string) =>
        needs.end(grantId, signingOut.getStore() ? 'signed_out' : 'reused'),
    }
  }
}

function clientsOf(publicUrl: string, registered: readonly RegisteredApp[]) {
  const client = (id: string, name: string, redirects: readonly string[], device: boolean) => ({
    client_id: id,
    client_name: name,
    application_type: redirects.some((uri) => uri.startsWith('https:')) ? 'web' : 'native',
    redirect_uris: redirects,
    response_types: redirects.length > 0 ? ['code'] : [],
    grant_types: [
      ...(redirects.length > 0 ? ['authorization_code'] : []),
      'refresh_token',
      ...(device ? [deviceGrant] : []),
    ],
    token_endpoint_auth_method: 'none',
  })
  const own = Object.entries(ownApps).map(([id, { name, redirect }]) =>
    redirect.startsWith('/')
      ? client(id, name, [publicUrl + redirect], false)
      : client(id, name, [redirect, redirect.replace('127.0.0.1', '[::1]')], true),
  )
  return [...own, ...registered.map(({ id, name, redirects, device }) => client(id, name, redirects, device))]
}

/** The library wants a key for identity tokens. None is ever issued: no app can ask for the scope `openid`. */
function signingKey(seed: Buffer) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return {
    ...createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' }),
    use: 'sig',
  }
}

/** An address with the code in it needs one click only, which somebody else may have sent (RFC 8628, section 5.4). */
async function withoutCompleteAddress(context: Context, next: () => Promise<void>): Promise<void> {
  await next()
  if (context.oidc?.route === 'device_authorization')
    delete (context.body as { verification_uri_complete?: string }).verification_uri_complete
}

/** The library says that it has more response modes than we let in. */
async function queryOnly(context: Context, next: () => Promise<void>): Promise<void> {
  await next()
  if (context.oidc?.route === 'discovery')
    (context.body as { response_modes_supported?: string[] }).response_modes_supported = ['query']
}

/** Tells a device that asks too often (RFC 8628, section 3.5). Each process counts by itself. */
function slowDown(waiting: Needs['waiting']) {
  const asked = lastUsed<number>(10_000)
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    await next()
    const answer = context.body as { error?: string; error_description?: string } | undefined
    if (context.oidc?.route !== 'token' || answer?.error !== 'authorization_pending') return
    const code = String(context.oidc.params?.device_code)
    const [now, before] = [Date.now(), asked.get(code) ?? 0]
    asked.set(code, now)
    if (now - before >= pollSeconds * 1000 - 500) waiting(context.req)
    else
      context.body = {
        error: 'slow_down',
        error_description: `ask every ${pollSeconds} seconds, then less often`,
      }
  }
}
