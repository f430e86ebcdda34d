import { Problem } from '../../contract/problems.ts'
import type { Watches } from './watches.ts'
import { isWithoutAccess } from './watching.ts'

interface Needs {
  watches: Pick<Watches, 'inMicrosoft365'>
  /** Whether Exchange Online has the mailbox of this person in Entra. False: it says that it has not. */
  isOnline(subject: string, signal: AbortSignal): Promise<boolean>
  /** Ends the watch. Its meetings belong to the next calendar of their host that has them. */
  end(subject: string): Promise<void>
  /** Ends the connections with Microsoft 365. */
  leftMicrosoft365(subject: string): Promise<void>
}

/** Failures in a row, of a subscription or of a comparison, after which about a day has passed. */
const aDay = { watch: 30, pass: 12 } as const

/** Mailboxes that have moved from Exchange Online to a server of the organisation. Their meetings keep their links. */
export function movedMailboxes({ watches, isOnline, end, leftMicrosoft365 }: Needs) {
  async function endIfMoved(subject: string, signal: AbortSignal): Promise<void> {
    if (await isOnline(subject, signal)) return
    // First: if this process ends in between, the connection is found again.
    await end(subject)
    await leftMicrosoft365(subject)
  }

  return {
    /**
     * The calendar of this person on a server is about to be compared as a whole: it may be the one that was in Microsoft
     * 365. Throws if Graph does not say, so that nothing on the server counts as a copy of what is not there any more.
     */
    async before(subject: string, signal: AbortSignal): Promise<void> {
      if (!subject.startsWith('exch:')) return
      for (const other of await watches.inMicrosoft365(subject))
        if (other.isOpen)
          await endIfMoved(other.subject, signal).catch((error) => {
            if (!isWithoutAccess(error)) throw error
          })
    },

    /**
     * A calendar could not be watched or compared. Exchange Online may have lost its mailbox for a moment, as with a
     * licence, so it ends only after about a day.
     */
    async failed(what: keyof typeof aDay, { subject, failures }: { subject: string; failures: number }) {
      if (failures < aDay[what] || !subject.startsWith('entra:')) return
      await endIfMoved(subject, AbortSignal.timeout(10_000)).catch((error) => {
        if (!(error instanceof Problem)) throw error
      })
    },
  }
}

export type Moved = ReturnType<typeof movedMailboxes>
