import { singleFlight } from '../browser/once.ts'
import {
  type Account,
  type Connection,
  connectionFrom,
  connectionsFrom,
  type ProvedMailbox,
  type ProviderName,
} from '../contract/connections.ts'
import type { Login } from '../contract/identity.ts'
import { connectionPath, paths } from '../contract/paths.ts'
import type { Permits } from '../contract/permission.ts'
import type { SignIn } from './identity/person.ts'
import type { Service } from './service.ts'

interface Needs {
  /** For what the person asked for, and for everything else. */
  attended: Pick<Service, 'sendProven'>
  unattended: Pick<Service, 'sendProven'>
  signIn(options: SignIn): Promise<unknown>
  /** Opens a sign-in at the provider. */
  zoomLogin(): Promise<Login>
  googleLogin(permits: Permits): Promise<Login>
}

export type ConnectionActs = ReturnType<typeof createConnections>

/** What the person has connected. Every act throws a `Problem` if it fails. */
export function createConnections({ attended, unattended, signIn, zoomLogin, googleLogin }: Needs) {
  const put = async (provider: ProviderName, body?: Login | Account | ProvedMailbox) =>
    connectionFrom(await attended.sendProven('PUT', connectionPath(provider), { body }))
  /** By provider. One that this person cannot connect is missing. Those who ask at once share an answer. */
  const read = singleFlight(async () =>
    connectionsFrom(await unattended.sendProven('GET', paths.connections)),
  )

  const connect: Record<
    ProviderName,
    (permits: Permits, account?: Account | ProvedMailbox) => Promise<Connection>
  > = {
    /** Connects with the add-in's own access token. If Entra demands more, gets another token and connects once more. */
    async microsoft() {
      const { claims, ...connection } = await put('microsoft')
      if (!claims) return connection
      await signIn({ claims, mayInteract: true })
      return put('microsoft')
    },

    zoom: async () => put('zoom', await zoomLogin()),
    google: async (permits) => put('google', await googleLogin(permits)),

    exchange: (_, account) => put('exchange', account),
  }

  return {
    read,
    /** `permits`: what connecting allows, as the service says. `account`: what opens a mailbox on an Exchange server. */
    connect: (
      provider: ProviderName,
      permits: Permits = { permission: 'read-write' },
      account?: Account | ProvedMailbox,
    ) => connect[provider](permits, account),

    /** Has a code put into a mailbox on an Exchange server. */
    sendCode: (mailbox: string) => attended.sendProven('POST', paths.exchangeCode, { body: { mailbox } }),

    /** Undefined: this person can no longer connect with the provider. */
    async disconnect(provider: ProviderName): Promise<Connection | undefined> {
      await attended.sendProven('DELETE', connectionPath(provider))
      return (await read())[provider]
    },
  }
}
