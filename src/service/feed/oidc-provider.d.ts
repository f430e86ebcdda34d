/** The part of `oidc-provider` that we use. Its own types come with all of Koa's. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  /** Koa's context, as far as we use it. */
  export interface Context {
    req: IncomingMessage
    type: string
    status: number
    body: unknown
    oidc?: {
      route: string
      params?: Record<string, unknown>
      result?: Record<string, unknown>
      entities: { DeviceCode?: { params: { scope?: string } } }
    }
    set(name: string, value: string): void
  }

  export interface Client {
    clientId: string
    clientName?: string
  }

  export interface Interaction {
    uid: string
    returnTo: string
    deviceCode?: string
    params: { client_id: string; scope?: string }
  }

  export class Grant {
    constructor(of: { accountId: string; clientId: string })
    jti: string
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export default class Provider {
    constructor(issuer: string, configuration: object)
    proxy: boolean
    silent: boolean
    readonly Grant: typeof Grant
    readonly Client: { find(id: string): Promise<Client | undefined> }
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void
    on(event: string, listener: (context: Context, error: Error) => void): this
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options: { mergeWithLastSubmission: boolean },
    ): Promise<string>
  }

  export const errors: { InvalidGrant: new (detail: string) => Error }
  export const interactionPolicy: {
    base(): Policy
    Check: new (reason: string, description: string, check: (context: Context) => boolean) => unknown
  }
  interface Policy {
    get(name: 'login' | 'consent'): { checks: { clear(): void; add(check: unknown): void } }
  }
}
