import type { ClientId } from '../../../src/simulator/outlook/clients.ts'
import type { MailboxId } from '../../../src/simulator/people.ts'

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

/** The short table: its rows, and the journeys that each needs. */
const summary: Record<string, readonly string[]> = {
  'Create a meeting with one click': ['**Add Zoom meeting**'],
  'Update it with another click': ['Rename it and press the button again: the meeting is renamed'],
  'See it, check it and remove it in the pane': [
    'The pane shows the meeting',
    'Remove the meeting: Zoom deletes it, and its link leaves the location',
  ],
  'Update it when the invitation is sent': ['Move and rename it, then send: the meeting is updated'],
  'Schedule in another person’s calendar': [
    'In another person’s calendar: the owner hosts the meeting, and sending updates it',
  ],
}

/**
 * The tables of what was walked, as Markdown: `whole` with its footnotes, `short` for the README. Undefined: some client
 * has not walked with some mailbox.
 */
export function markdown(columns: readonly Column[]): { whole: string; short: string } | undefined {
  if (new Set(columns.map(({ client, mailbox }) => client + mailbox)).size < size) return undefined
  const [first = '', ...rest] = Object.keys(columns[0]?.cells ?? {})
  // A mailbox that gets no meeting in a client has nowhere to go.
  const going = columns.filter(({ cells }) => isDone(cells[first]))
  const notes: string[] = []
  const whole = [
    ...Object.entries(mailboxes).map(([id, [row]]) =>
      line(
        `${first}, on ${row}`,
        [first],
        columns.filter(({ mailbox }) => mailbox === id),
        notes,
      ),
    ),
    ...rest.map((journey) => line(journey, [journey], going, notes)),
  ]
  const short = Object.entries(summary).map(([says, needed]) =>
    line(says, needed, needed.includes(first) ? columns : going),
  )
  return {
    whole: [table(whole), ...notes.map((why, index) => `${index + 1}. ${why}`), ''].join('\n'),
    short: table(short),
  }
}

function table(lines: readonly (readonly string[])[]): string {
  const head = [
    ['', ...Object.values(clients)],
    ['---', ...keys(clients).map(() => ':-:')],
  ]
  return [...head, ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

/** One row: a cell for each client. */
function line(
  says: string,
  needed: readonly string[],
  columns: readonly Column[],
  notes?: string[],
): string[] {
  const of = (client: ClientId) => columns.filter((column) => column.client === client)
  return [says, ...keys(clients).map((client) => cell(needed, of(client), notes))]
}

/**
 * A tick is for all mailboxes; the name of some, for those alone. `notes` collects the reasons to print below; without
 * it the cell has no footnote.
 */
function cell(needed: readonly string[], columns: readonly Column[], notes?: string[]): string {
  const outcomes = columns.map(({ cells }) => outcome(needed, cells))
  if (outcomes.includes('failed')) return '✗'
  const why = [...new Set(outcomes.filter((outcome) => outcome !== 'passed'))]
  if (why.length === 0) return '✓'
  const names = (passed: boolean) =>
    columns
      .filter((_, index) => (outcomes[index] === 'passed') === passed)
      .map(({ mailbox }) => mailboxes[mailbox][1])
  const only = new Set(names(true).filter((name) => !names(false).includes(name)))
  const says = [...only].join(', ') || '–'
  if (!notes) return says
  for (const one of why) if (!notes.includes(one)) notes.push(one)
  return `${says} <sup>${why.map((one) => notes.indexOf(one) + 1)}</sup>`
}

/** How these journeys ended together: the first that did not pass. */
function outcome(needed: readonly string[], cells: Column['cells']): string {
  return needed.map((journey) => cells[journey] ?? 'failed').find((one) => one !== 'passed') ?? 'passed'
}

const size = Object.keys(clients).length * Object.keys(mailboxes).length

const isDone = (outcome: string | undefined) => outcome === 'passed' || outcome === 'failed'

const keys = <T extends object>(table: T) => Object.keys(table) as (keyof T)[]
