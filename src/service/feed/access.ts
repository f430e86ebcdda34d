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
  access: Record<ProviderName, Pick<Access, 'give'>>
  policies: Pick<Policies, 'of'>
  /** `https://graph.microsoft.com` */
  graph: string
  /** The events of this person's calendar in Microsoft 365, sanitised. */
  shown(subject: string, window: Window, signal: AbortSignal): Promise<CalendarEvent[]>
}

/** Google's address ("Calendar API", reference). */
const googleApi = 'https://www.googleapis.com/calendar/v3'

/** Which calendar an app reads, where a person has several: one that meetings follow comes first. */
const order = ['microsoft', 'microsoft-application', 'google'] as const satisfies ConnectionKind[]

export type FeedReading = ReturnType<typeof feedAccess>

/**
 * How an app reads the calendar of its person. Only an access token of the person's own connection is ever given: never a
 * refresh token, a password, or a token of our application, which would open other mailboxes.
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

  return {
    /** `refused`: the id of a token that the provider has refused. Throws what `Access.give` throws. */
    async of(caller: Caller, refused: string | undefined): Promise<FeedAccess> {
      const kind = await kindOf(caller)
      if (kind === 'microsoft-application') return { mode: 'proxy', provider: 'microsoft' }
      const { apps } = await policies.of(caller)
      if (apps === 'proxy' && kind === 'microsoft') return { mode: 'proxy', provider: 'microsoft' }
      const { accessToken, expiresIn, id } = await access[kind].give(caller, refused)
      const api = kind === 'microsoft' ? `${graph}/v1.0` : googleApi
      return { mode: 'token', provider: kind, accessToken, expiresIn, id, api }
    },

    /** What the calendar has in these days, sanitised. Throws `not_supported` for a calendar that the service does not read. */
    async events(caller: Caller, window: Window): Promise<CalendarEvent[]> {
      if ((await kindOf(caller)) === 'google') throw new Problem('not_supported')
      return shown(caller.subject, window, AbortSignal.timeout(patience))
    },
  }
}

/** Milliseconds for a calendar of a few days. */
const patience = 20_000
