import type { CalendarEvent } from '../../contract/calendar-event.ts'
import {
  type ConnectionKind,
  type ConnectionState,
  type ProviderName,
  stateOf,
} from '../../contract/connections.ts'
import type { FeedAccess } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Access } from '../connections/access.ts'
import { type ConnectionsTables, hasCredential } from '../connections/tables.ts'
import type { Database } from '../database/open.ts'
import { personOf } from '../person.ts'
import type { Policies } from '../policies/policies.ts'
import type { Window } from '../providers/provider.ts'

interface Needs {
  database: Database
  access: Record<ProviderName, Pick<Access, 'giveReading'>>
  policies: Pick<Policies, 'of'>
  /** `https://graph.microsoft.com` */
  graph: string
  /** The events of this person's calendar in Microsoft 365 or on an Exchange server, sanitised. */
  shown(subject: string, window: Window, signal: AbortSignal): Promise<CalendarEvent[]>
}

/** Google's address ("Calendar API", reference). */
const googleApi = 'https://www.googleapis.com/calendar/v3'

/** Which calendar an app reads, where a person has several: one that meetings follow comes first. */
const order = ['microsoft', 'microsoft-application', 'google', 'exchange'] as const satisfies ConnectionKind[]

export type FeedReading = ReturnType<typeof feedAccess>

/**
 * How an app reads the calendar of its person. Only an access token of the person's own connection that can do nothing but
 * read is ever given: never a refresh token, a password, or a token of our application, which would open other mailboxes.
 */
export function feedAccess({ database: ground, access, policies, graph, shown }: Needs) {
  const database = ground.withTables<ConnectionsTables>()

  async function kindOf({ subject }: Caller) {
    const rows = await database
      .selectFrom('connections')
      .select(['provider', 'state'])
      .where('person', '=', personOf(subject))
      .execute()
    const states = new Map<ConnectionKind, ConnectionState>(
      rows.map(({ provider, state }) => [provider, state]),
    )
    const open = order.find((kind) => hasCredential(states.get(kind) ?? 'not_connected'))
    if (open) return open
    const [ended] = order.filter((kind) => states.has(kind))
    const state = ended && states.get(ended)
    throw new Problem('calendar_not_connected', state ? { title: stateOf(ended, state).says } : {})
  }

  /** Throws `calendar_not_allowed`. */
  async function allowed(caller: Caller) {
    const decided = await policies.of(caller)
    if (decided.calendar === 'off') throw new Problem('calendar_not_allowed')
    return decided
  }

  return {
    /** `refused`: the id of a token that the provider has refused. Throws what `Access.giveReading` throws. */
    async of(caller: Caller, refused: string | undefined): Promise<FeedAccess> {
      const { apps } = await allowed(caller)
      const kind = await kindOf(caller)
      // What opens a mailbox on a server is a password, which no app gets.
      if (kind === 'exchange') return { mode: 'proxy', provider: kind }
      const proxy = { mode: 'proxy', provider: 'microsoft' } as const
      if (kind === 'microsoft-application' || (kind === 'microsoft' && apps === 'proxy')) return proxy
      const given = await access[kind].giveReading(caller, refused)
      if (!given && kind === 'google') throw new Problem('apps_not_allowed')
      if (!given) return proxy
      const { accessToken, expiresIn, id } = given
      const api = kind === 'microsoft' ? `${graph}/v1.0` : googleApi
      return { mode: 'token', provider: kind, accessToken, expiresIn, id, api }
    },

    /** What the calendar has in these days, sanitised. Throws `calendar_not_allowed`, and `not_supported` for a calendar that the service does not read. */
    async events(caller: Caller, window: Window): Promise<CalendarEvent[]> {
      await allowed(caller)
      if ((await kindOf(caller)) === 'google') throw new Problem('not_supported')
      return shown(caller.subject, window, AbortSignal.timeout(patience))
    },
  }
}

/** Milliseconds for a calendar of a few days. */
const patience = 20_000
