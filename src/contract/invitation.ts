import { meetingSchema } from './meeting.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

const text = { type: 'string', maxLength: 1000 } as const
const address = { type: 'string', maxLength: 1024, pattern: '^https://\\S+$' } as const

const invitationSchema = {
  type: 'object',
  description: 'What the organisation has chosen for its invitations. Missing: nothing.',
  additionalProperties: false,
  required: [],
  properties: {
    before: { ...text, description: 'The text before the details of the meeting, in our template language.' },
    after: { ...text, description: 'The text after them.' },
    without: {
      type: 'string',
      pattern: '^(id|passcode|id;passcode)$',
      description: 'The lines that are not shown, separated by semicolons.',
    },
    sip: { type: 'string', maxLength: 300, description: 'The SIP address of the meeting.' },
    help: { ...address, description: 'A page that helps people join.' },
    logo: { ...address, description: 'The logo of the organisation.' },
  },
} as const satisfies ObjectSchema

export const invitedSchema = {
  ...meetingSchema,
  properties: {
    ...meetingSchema.properties,
    invitation: invitationSchema,
    portalId: {
      type: 'string',
      pattern: '^\\d{9,12}$',
      description: "Zoom's own id of the meeting, where people join it by the host's personal meeting id.",
    },
  },
} as const satisfies ObjectSchema

/** A meeting, with what its organisation has chosen for the invitation. */
export type Invited = FromSchema<typeof invitedSchema>

/** Throws `unexpected`. */
export function invitedFrom(input: unknown): Invited {
  return check(invitedSchema, input, 'unexpected')
}

/** What the lines are called, in English. */
export const invitationLabels = {
  opening: 'Join Zoom Meeting',
  meetingId: 'Meeting ID',
  passcode: 'Passcode',
  dialIn: 'Dial in',
  sip: 'Room system (SIP)',
  help: 'Help with joining',
  /** Between a name and its value. */
  colon: ': ',
}
export type Labels = Readonly<Record<keyof typeof invitationLabels, string>>

/** What a template can name. A line with one that has no value is left out. */
export const placeholders = ['name', 'link', 'meetingId', 'passcode'] as const
export type Values = { readonly [Name in (typeof placeholders)[number]]?: string | undefined }

/** A piece of a line: letters, and what they are. It has no markup, so what it says is never read as such. */
export interface Piece {
  text: string
  bold?: boolean
  href?: string | undefined
}
type Line = readonly Piece[]
/** Lines without an empty one between them. */
export type Paragraph = readonly Line[]

/**
 * The pieces of the template language: `\` before a character that is meant as such, `**bold**`, `[a link](https://…)`,
 * `{placeholder}`. Everything else is text. It has no word for HTML, nor for an address of another scheme.
 */
export const token =
  /\\(.)|(\*\*)|\[((?:\\.|[^\\\]])+)\]\(((?:https:\/\/|mailto:|tel:)[^\s()]+)\)|\{(\w+)\}|[^\\*[{]+|./gsu

/** A text in the template language. Values are put into it after it is read, so that they are letters whatever they hold. */
function paragraphsOf(template: string, values: Values): Paragraph[] {
  const paragraphs: Line[][] = [[]]
  for (const line of template.split('\n')) {
    if (line.trim() === '') paragraphs.push([])
    else {
      let bold = false
      const pieces: Piece[] = []
      for (const [all, escaped, stars, label, href, name] of line.matchAll(token)) {
        if (stars) bold = !bold
        else {
          const value = name && values[name as keyof Values]
          const words = name ? value : (unescaped(label) ?? escaped ?? all)
          pieces.push({ text: words || '', bold, href: name === 'link' ? value : href })
        }
      }
      if (pieces.every((piece) => piece.text)) paragraphs.at(-1)?.push(pieces)
    }
  }
  return paragraphs
}

const unescaped = (label: string | undefined) => label?.replace(/\\(.)/gsu, '$1')

interface Spoken {
  labels: Labels
  /** The display name of the person who adds the meeting. */
  name: string | undefined
  direction: 'ltr' | 'rtl'
}

/** The whole invitation in one language. */
export function invitationOf(meeting: Invited, { labels, name, direction }: Spoken): Paragraph[] {
  const {
    joinUrl,
    passcode,
    dialIn,
    invitation: { before = '', after = '', without = '', ...more } = {},
  } = meeting
  const { opening, colon } = labels
  // From right to left, groups of digits change places unless they are kept together from left to right.
  const asIs = (value: string) => (direction === 'rtl' ? `\u2066${value}\u2069` : value)
  const line = (label: string, value: string) => [{ text: `${label}${colon}${asIs(value)}` }]
  const meetingId = grouped(meeting.id)
  const values = {
    name: withoutMarks(name),
    link: joinUrl,
    meetingId: asIs(meetingId),
    passcode: passcode && asIs(passcode),
  }
  // Only the number: beside the name of a country, it would still be turned.
  const telephone = (country: string) => country.replace(/\+?\d[\d\s().-]*$/, asIs)
  const has = (what: string) => without.split(';').indexOf(what) < 0
  return [
    ...paragraphsOf(before, values),
    [[{ text: opening, bold: true }], [linkTo(joinUrl)]],
    [
      ...(has('id') ? [line(labels.meetingId, meetingId)] : []),
      ...(passcode && has('passcode') ? [line(labels.passcode, passcode)] : []),
      ...(more.sip ? [line(labels.sip, more.sip)] : []),
    ],
    dialIn
      ? [`${labels.dialIn}${colon}`.trim(), ...dialIn.split('\n').map(telephone)].map((one) => [
          { text: one },
        ])
      : [],
    more.help ? [[{ text: `${labels.help}${colon}` }, linkTo(more.help)]] : [],
    ...paragraphsOf(after, values),
  ].filter(({ length }) => length > 0)
}

const linkTo = (href: string): Piece => ({ text: href, href })

/** A name without control characters and marks that turn the direction of what stands beside it. */
const withoutMarks = (name: string | undefined) =>
  name?.replace(/[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu, '').slice(0, 200)

/** A meeting id as Zoom shows it: `812 3456 7890`. */
export function grouped(id: string): string {
  return id.replace(/^(\d{3})(\d{3,4})(\d{4})$/, '$1 $2 $3')
}

/** As plain text: an address stands behind what links to it. */
export const textOf = (paragraphs: readonly Paragraph[]) => joined(paragraphs, addressed)

/** The same letters as in HTML, where an address is not among them. */
export const lettersOf = (paragraphs: readonly Paragraph[]) => joined(paragraphs, ({ text }) => text)

const joined = (paragraphs: readonly Paragraph[], say: (piece: Piece) => string) =>
  paragraphs.map((lines) => lines.map((line) => line.map(say).join('')).join('\n')).join('\n\n')

function addressed({ text, href }: Piece): string {
  const address = href?.replace(/^(mailto|tel):/, '')
  return address && address !== text ? `${text} (${address})` : text
}

/** As HTML. Everything that is not our own markup is escaped. */
export const htmlOf = (paragraphs: readonly Paragraph[]) =>
  paragraphs
    .map((lines) => `<p>${lines.map((line) => line.map(htmlOfPiece).join('')).join('<br>')}</p>`)
    .join('')

function htmlOfPiece({ text, bold, href }: Piece): string {
  const words = escapeHtml(text)
  const linked = href ? `<a href="${escapeHtml(href)}">${words}</a>` : words
  return bold ? `<strong>${linked}</strong>` : linked
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
