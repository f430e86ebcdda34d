import { type Connection, connectionFrom, connectionsFrom } from '../contract/connections.ts'
import { paths } from '../contract/paths.ts'
import type { SignIn } from './identity/person.ts'
import type { Service } from './service.ts'

interface Needs {
  /** For what the person asked for, and for everything else. */
  attended: Pick<Service, 'sendProven'>
  unattended: Pick<Service, 'sendProven'>
  signIn(options: SignIn): Promise<unknown>
}

export type CalendarActs = ReturnType<typeof createCalendar>

/** The person's connection with their Microsoft 365 calendar. Every act throws a `Problem` if it fails. */
export function createCalendar({ attended, unattended, signIn }: Needs) {
  const path = paths.microsoftConnection
  const put = async () => connectionFrom(await attended.sendProven('PUT', path))
  /** Undefined: this person can connect none. */
  const read = async () => connectionsFrom(await unattended.sendProven('GET', paths.connections)).microsoft

  return {
    read,

    /** Connects with the add-in's own access token. If Entra demands more, gets another token and connects once more. */
    async connect(): Promise<Connection> {
      const { claims, ...connection } = await put()
      if (!claims) return connection
      await signIn({ claims, mayInteract: true })
      return put()
    },

    async disconnect(): Promise<Connection | undefined> {
      await attended.sendProven('DELETE', path)
      return read()
    },
  }
}
