import type { CalendarEvent, KnownZoom } from '../../contract/calendar-event.ts'
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
import { nextTurn } from './next-turn.ts'

interface Needs {
  database: Database
  access: Record<ProviderName, Pick<Access, 'giveReading'>>
  policies: Pick<Policies, 'of'>
  /** Where each provider's API is, with its version. */
  apis: Record<'microsoft' | 'google', string>
  shown: ShownEvents
  zoom: KnownZoom & { origin: string }
}

/** The events of a person's calendar at each provider, sanitised. */
export type ShownEvents = Record<
  FeedAccess['provider'],
  (subject: string, window: Window, signal: AbortSignal, zoom: KnownZoom) => Promise<CalendarEvent[]>
>

/** Which calendar an app reads, where a person has several: one that meetings follow comes first. */
const order = ['microsoft', 'microsoft-application', 'google', 'exchange'] as const satisfies ConnectionKind[]

export type FeedReading = ReturnType<typeof feedAccess>

/**
 * How an app reads the calendar of its person. Only an access token of the person's own connection that can do nothing but
 * read is ever given: never a refresh token, a password, or a token of our application, which would open other mailboxes.
 */
export function feedAccess({ database: ground, access, policies, apis, shown, zoom }: Needs) {
  const database = ground.withTables<ConnectionsTables>()
  const inNextTurn = nextTurn<CalendarEvent[]>()
  const { origin: zoomOrigin, rooms } = zoom

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
      const provider = providerOf(kind)
      // What opens a mailbox on a server is a password, and our application's token opens other mailboxes.
      if (kind === 'exchange' || kind === 'microsoft-application' || apps === 'proxy')
        return { mode: 'proxy', provider, zoomOrigin }
      const given = await access[kind].giveReading(caller, refused)
      if (!given) return { mode: 'proxy', provider, zoomOrigin }
      const { accessToken, expiresIn, id } = given
      const api = apis[kind]
      const zoomRooms = rooms && { zoomRooms: [...rooms].join(' ') }
      return { mode: 'token', provider: kind, accessToken, expiresIn, id, api, ...zoomRooms, zoomOrigin }
    },

    /** What the calendar has in these days, sanitised. Throws `calendar_not_allowed`, and what reading it throws. */
    async events(caller: Caller, window: Window): Promise<CalendarEvent[]> {
      await allowed(caller)
      const provider = providerOf(await kindOf(caller))
      const { subject } = caller
      const read = () => shown[provider](subject, window, AbortSignal.timeout(patience), zoom)
      return inNextTurn(`${subject} ${provider} ${window.from} ${window.to}`, read).catch(async (error) => {
        // The provider has just ended the connection: its new state says why.
        if (error instanceof Problem && hasEnded.has(error.code)) await kindOf(caller)
        throw error
      })
    },
  }
}

const providerOf = (kind: (typeof order)[number]) => (kind === 'microsoft-application' ? 'microsoft' : kind)

/** What is said of a calendar whose connection may have ended with it. */
const hasEnded = new Set<string>(['calendar_not_connected', 'calendar_refuses'])

/** Milliseconds for a calendar of a few days. */
const patience = 20_000
