import { beforeEach, test } from 'vitest'
import { type ClientId, clients } from '../../../src/simulator/outlook/clients.ts'
import { type MailboxId, mailboxes } from '../../../src/simulator/people.ts'
import { openOutlook, simulator } from '../outlook.ts'
import { type At, type Journey, journeys } from './journeys.ts'
import type { Column, Walking } from './markdown.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** For the tables in the README and in `docs/what-works-where.md`. */
    column?: Column
  }
}

/** Mailbox → as whom its person signs in, where its own account is in no organisation's directory. */
const accounts: Partial<Record<Walking, MailboxId>> = { 'outlook-com': 'exchange-online' }

/** In every client one appointment of the mailbox goes all the ways there are, one after the other. */
export function walk(mailbox: Walking): void {
  beforeEach(simulator.reset)

  test.for(Object.keys(clients) as ClientId[])('%s', async (client, { task }) => {
    const cells = Object.fromEntries(journeys.map(({ says }) => [says, 'failed']))
    task.meta.column = { client, mailbox, cells }
    const tea = { subject: 'Tea', start: '2030-12-03T10:00', computerTimeZone: 'Europe/Berlin' }
    const page = await openOutlook({ ...tea, client, mailbox })
    const { emailAddress, displayName } = mailboxes[accounts[mailbox] ?? mailbox]
    const at: At = { page, emailAddress }
    signIn(at, displayName)
    let nowhere: string | undefined
    for (const journey of journeys) {
      const why = nowhere ?? (await journey.walk(at).catch(on(journey)))
      cells[journey.says] = why ?? 'passed'
      // Without a meeting there is nothing to go on with.
      if (journey === journeys[0]) nowhere = why
    }
  })
}

/** Tells on which journey it was. */
function on({ says }: Journey) {
  return (cause: Error): never => {
    throw new Error(`${says}: ${cause.message}`, { cause })
  }
}

/** In every window that asks who it is: says so, and allows what is asked. */
function signIn(at: At, name: string): void {
  at.page.on('popup', async (window) => {
    try {
      await window.getByRole('button', { name: `Sign in as ${name}` }).click()
      await window.getByRole('button', { name: 'Allow' }).click()
    } catch {
      // One that has nothing more to ask closes by itself.
    }
  })
}
