import type { MailboxId } from '../../../../src/simulator/mailboxes.ts'
import type { ClientId } from '../../../../src/simulator/outlook/clients.ts'

/** What one client does with one mailbox. */
export interface Column {
  client: ClientId
  mailbox: Walking
  /** Journey → how it ended: why the client does not offer it, if it does not. */
  cells: Record<string, 'passed' | 'failed' | (string & {})>
}

/** Whose mailboxes go the journeys: the row that the first one has for each, and what a cell calls it. */
const mailboxes = {
  'exchange-online': ['Exchange Online', 'online'],
  'no-bridge': ['Exchange Online, with a sign-in window', 'online'],
  'exchange-2019': ['Exchange Server 2019', 'server'],
  hybrid: ['Exchange Server 2019, hybrid', 'server'],
  'outlook-com': ['Outlook.com, with an account at work', 'online'],
} as const satisfies Partial<Record<MailboxId, readonly [row: string, cell: string]>>

export type Walking = keyof typeof mailboxes

const clients: Record<ClientId, string> = {
  web: 'Web',
  windows: 'Windows, new',
  'windows-classic': 'Windows, classic',
  mac: 'Mac',
  ios: 'iOS',
  android: 'Android',
}

/** The table of what was walked, as Markdown; undefined: some client has not walked with some mailbox. */
export function markdown(columns: readonly Column[]): string | undefined {
  if (new Set(columns.map(({ client, mailbox }) => client + mailbox)).size < size) return undefined
  const [first = '', ...rest] = Object.keys(columns[0]?.cells ?? {})
  // A mailbox that gets no meeting in a client has nowhere to go.
  const going = columns.filter(({ cells }) => isDone(cells[first]))
  const notes: string[] = []
  const line = (says: string, journey: string, among: readonly Column[]) => [
    says,
    ...keys(clients).map((client) =>
      cell(
        journey,
        among.filter((column) => column.client === client),
        notes,
      ),
    ),
  ]
  const table = [
    ['', ...Object.values(clients)],
    ['---', ...keys(clients).map(() => ':-:')],
    ...Object.entries(mailboxes).map(([id, [row]]) =>
      line(
        `${first}, on ${row}`,
        first,
        columns.filter(({ mailbox }) => mailbox === id),
      ),
    ),
    ...rest.map((journey) => line(journey, journey, going)),
  ]
  return [
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...notes.map((why, index) => `${index + 1}. ${why}`),
    '',
  ].join('\n')
}

/** A tick is for all mailboxes; the name of some, for those alone. `notes` gets what is to be said below. */
function cell(journey: string, columns: readonly Column[], notes: string[]): string {
  const outcomes = columns.map(({ cells }) => cells[journey] ?? 'failed')
  if (outcomes.includes('failed')) return '✗'
  const why = [...new Set(outcomes.filter((outcome) => outcome !== 'passed'))]
  if (why.length === 0) return '✓'
  for (const one of why) if (!notes.includes(one)) notes.push(one)
  const names = (passed: boolean) =>
    columns
      .filter(({ cells }) => (cells[journey] === 'passed') === passed)
      .map(({ mailbox }) => mailboxes[mailbox][1])
  const only = new Set(names(true).filter((name) => !names(false).includes(name)))
  return `${[...only].join(', ') || '–'} <sup>${why.map((one) => notes.indexOf(one) + 1)}</sup>`
}

const size = Object.keys(clients).length * Object.keys(mailboxes).length

const isDone = (outcome: string | undefined) => outcome === 'passed' || outcome === 'failed'

const keys = <T extends object>(table: T) => Object.keys(table) as (keyof T)[]
