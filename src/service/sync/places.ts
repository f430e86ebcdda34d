import { permitsIn } from '../../contract/policies.ts'
import { actingFor } from '../connections/connections.ts'
import type { ExchangeMailboxes } from '../connections/exchange-mailboxes.ts'
import type { Callers } from '../identity/callers.ts'
import type { Policies } from '../policies/policies.ts'
import type { ExchangeCalendar } from '../providers/exchange/requests.ts'
import type { Calendar } from '../providers/provider.ts'

interface Needs {
  callers: Pick<Callers, 'zoomUserOf'>
  policies: Pick<Policies, 'of'>
  mailboxes: Pick<ExchangeMailboxes, 'opened'>
  onExchange(mailbox: ExchangeCalendar): Calendar
  /** The mailbox of this person in Entra, as the application opens it. */
  byApplication(subject: string): Calendar
  /** The sign-in name of a Zoom user. Throws `no_zoom_account`. */
  addressOf(zoomUserId: string, signal: AbortSignal): Promise<string>
  /** Connects a mailbox on a server. */
  connectMailbox(subject: string, server: string, mailbox: string): Promise<void>
  /** Connects the mailbox that the application opens. False: no policy allows it. */
  arriveInMicrosoft365(subject: string): Promise<boolean>
  connected(subject: string): void
}

/** A calendar that may be the one of a person, and the act that connects it. */
export interface Place {
  calendar: Calendar
  /** False: no policy allows it. */
  connect(): Promise<boolean>
}

/**
 * Where the mailbox of a person may be who has none connected, as far as the organisation itself opens it: by the application's
 * permissions in Exchange Online, by a service account on a server. There the address of their Zoom user says only where to
 * look: whoever connects the mailbox needs a proof that it is theirs.
 */
export function placesOf(needs: Needs) {
  const { callers, policies, mailboxes, onExchange, byApplication, addressOf } = needs

  async function* onServers(subject: string, signal: AbortSignal): AsyncIterable<Place> {
    const zoomUserId = await callers.zoomUserOf(subject)
    if (!zoomUserId) return
    const address = await addressOf(zoomUserId, signal)
    for await (const opened of mailboxes.opened(subject, address))
      yield {
        calendar: onExchange(opened),
        async connect() {
          await needs.connectMailbox(subject, opened.server, address)
          return true
        },
      }
  }

  return async function* places(subject: string, signal: AbortSignal): AsyncIterable<Place> {
    const values = await policies.of(actingFor(subject))
    if (values.sync !== 'on' || !permitsIn(values)) return
    if (subject.startsWith('exch:')) {
      if (values.exchangeAccess === 'service-account') yield* onServers(subject, signal)
      return
    }
    yield {
      calendar: byApplication(subject),
      async connect() {
        const isAllowed = await needs.arriveInMicrosoft365(subject)
        if (isAllowed) needs.connected(subject)
        return isAllowed
      },
    }
  }
}
