import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../docs/scale.md', import.meta.url), 'utf8')

/** The figure in the row of the measured table that begins so. */
function measured(row: string, figure: RegExp): number {
  const [, cell = ''] = new RegExp(`^\\| ${row}.* \\| (.*) \\|$`, 'm').exec(page) ?? []
  const [, digits] = figure.exec(cell) ?? []
  if (digits === undefined) throw new Error(`docs/scale.md has no ${figure} in the row "${row}"`)
  return Number(digits.replace(',', ''))
}

const figures = {
  /** ms of processor time for a change. */
  change: measured('processor time of a change', /^([\d.]+) ms/),
  /** MB of a process. */
  memory: measured('memory of a process', /^(\d+) MB$/),
  /** Bytes of a mailbox. */
  mailbox: measured('bytes of a mailbox', /([\d,]+) by sign-in/),
  /** Changes of meetings that a process brings to Zoom in a second. */
  meetings: measured('changes that one process brings', /^(\d+) a second/),
}

/** What the page assumes, in its own words. */
const assumed = {
  'eight changes of its calendar on a working day of eight hours': 8 / (8 * 3_600),
  'three times as many in the busiest hour': 3,
  'one change in ten that is about a Zoom meeting': 0.1,
}
/** Events that a process works on at once, seconds for an event without a meeting, connections of a process. */
const [atOnce, without, connections] = [6, 0.12, 20]

/** Rounded up to two digits. */
function up(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1)
  return Number((Math.ceil(Number((value / unit).toPrecision(12))) * unit).toPrecision(2))
}

const [perSecond, peak, share] = Object.values(assumed) as [number, number, number]
const withMeeting = atOnce / figures.meetings
const seconds = up(share * withMeeting + (1 - share) * without)

function sized(mailboxes: number): string {
  const changes = mailboxes * perSecond * peak
  const processes = Math.ceil((changes * seconds) / atOnce) + 1
  const [memory, disk] = [processes * figures.memory * 1e6, 2 * mailboxes * figures.mailbox]
  const cells = [
    up(changes),
    up((changes * figures.change) / 1_000),
    processes,
    `${up(memory / 1e9)} GB`,
    processes * connections,
    `${up(disk / 1e9)} GB`,
  ]
  return `| ${[mailboxes.toLocaleString('en-US'), ...cells].join(' | ')} |`
}

test('the sizing table is what its page computes from the figures that it has measured', () => {
  const [, table = ''] = /<!-- sizing -->\n.*\n.*\n((?:\|.*\n)+)<!-- \/sizing -->/.exec(page) ?? []
  expect(table.trim().split('\n')).toEqual([1_000, 10_000, 100_000, 1_000_000].map(sized))
})

test('the page names the figures and assumptions that its sizing table is computed from', () => {
  const meetings = up(1_000_000 * perSecond * peak * share)
  const sentences = [
    ...Object.keys(assumed),
    `*Changes*: mailboxes × 8 / 28,800 s × ${peak}.`,
    `*Processors*: changes × ${figures.change} ms.`,
    `works on six events at once. One with a meeting takes ${atOnce} / ${figures.meetings} = ${withMeeting.toFixed(3)} s`,
    `was taken as ${without} s. So changes × ${seconds} s / ${atOnce}, rounded up, and one more`,
    `*Memory*: ${figures.memory} MB each.`,
    `*Connections*: ${connections} each at most`,
    '*Disk*: twice the bytes',
    `at a million mailboxes ${meetings} changes a second are about meetings`,
  ]
  expect(sentences.filter((sentence) => !page.includes(sentence))).toEqual([])
})
