import { type Invited, placeholders, token } from './invitation.ts'
import { type Language, languages } from './languages.ts'
import { optionTexts } from './meeting-options.ts'
import { Problem } from './problems.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

/** Characters of a text, and its lines. An invitation stays far below the million characters that Outlook takes. */
const longestText = 1000
const mostLines = 15
/** Bytes of a whole template as JSON. */
const largest = 15_000

const written = { type: 'string' } as const
const shown = { type: 'boolean' } as const

/** The texts, by the language of the people that they are for. `other`: for those of all other languages. */
export const textNames = ['other', ...languages] as const
export type TextName = (typeof textNames)[number]

const textsSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['before', 'after'],
  properties: { before: written, after: written },
} as const satisfies ObjectSchema

export const templateSchema = {
  type: 'object',
  description: 'What an organisation writes into its invitations.',
  additionalProperties: false,
  required: ['lines', 'dialInCountries', 'sipDomain', 'help', 'logo', 'texts'],
  properties: {
    lines: {
      type: 'object',
      description: 'The lines that are shown.',
      additionalProperties: false,
      required: ['id', 'passcode', 'dialIn'],
      properties: { id: shown, passcode: shown, dialIn: shown },
    },
    dialInCountries: {
      ...written,
      description: 'The countries of the telephone numbers, `DE;FR`. Empty: all.',
    },
    sipDomain: {
      ...written,
      description:
        'The domain of a meeting’s SIP address, where there are room systems. Empty: no such line.',
    },
    help: { ...written, description: 'A page that helps people join, `https://…`. Empty: none.' },
    logo: {
      ...written,
      description: 'The logo, `https://…`. It is shown where the policy allows it. Empty: none.',
    },
    texts: {
      type: 'object',
      description: `The texts before and after the details, by language: ${longestText} characters and ${mostLines} lines each at most, in our template language. \`other\`: for all other languages.`,
      additionalProperties: false,
      required: [],
      properties: Object.fromEntries(textNames.map((name) => [name, textsSchema])) as {
        readonly [Name in TextName]: typeof textsSchema
      },
    },
  },
} as const satisfies ObjectSchema

export type Template = FromSchema<typeof templateSchema>

export const emptyTemplate: Template = {
  lines: { id: true, passcode: true, dialIn: true },
  dialInCountries: '',
  sipDomain: '',
  help: '',
  logo: '',
  texts: {},
}

export type FaultKind =
  | 'large'
  | 'https'
  | 'country'
  | 'domain'
  | 'long'
  | 'lines'
  | 'character'
  | 'placeholder'
  | 'link'
  | 'bold'

/** What is wrong in a template, and where. */
export interface Fault {
  /** `texts.fr.before` */
  field: string
  kind: FaultKind
  /** From 1, in a text. */
  line?: number
  column?: number
}

/** Control characters, and marks that turn the direction of the letters after them: what is read would not be what is there. */
const forbidden = /[^\P{Cc}\n]|[\u2028-\u202E\u2066-\u2069]/u
const https = /^(https:\/\/[a-z\d][^\s"'<>\\^`{|}\p{Cc}\u2028-\u202E\u2066-\u2069]*)?$/iu
const domain = /^([a-z\d-]{1,63}(\.[a-z\d-]{1,63})+)?$/i

/** The first thing that is wrong in a template. */
export function faultIn(template: Template): Fault | undefined {
  const { dialInCountries, sipDomain, help, logo, texts } = template
  if (new TextEncoder().encode(JSON.stringify(template)).length > largest)
    return { field: 'texts', kind: 'large' }
  const { pattern, maxLength } = optionTexts.dialInCountries
  if (dialInCountries.length > maxLength || !new RegExp(pattern).test(dialInCountries))
    return { field: 'dialInCountries', kind: 'country' }
  if (sipDomain.length > 253 || !domain.test(sipDomain)) return { field: 'sipDomain', kind: 'domain' }
  for (const [field, value] of Object.entries({ help, logo }))
    if (value.length > 1024 || !https.test(value)) return { field, kind: 'https' }
  for (const [of, both] of Object.entries(texts))
    for (const place of ['before', 'after'] as const) {
      const fault = faultOfText(both[place])
      if (fault) return { field: `texts.${of}.${place}`, ...fault }
    }
  return undefined
}

/** What is wrong in a text of the template language. */
function faultOfText(text: string): Omit<Fault, 'field'> | undefined {
  if (text.length > longestText) return { kind: 'long' }
  const lines = text.split('\n')
  if (lines.length > mostLines) return { kind: 'lines' }
  for (const [index, line] of lines.entries()) {
    const fault = faultOfLine(line)
    if (fault) return { kind: fault.kind, line: index + 1, column: fault.at + 1 }
  }
  return undefined
}

function faultOfLine(line: string): { kind: FaultKind; at: number } | undefined {
  const found = forbidden.exec(line)
  if (found) return { kind: 'character', at: found.index }
  let opened: number | undefined
  for (const { 0: all, 2: stars, 3: label, 4: href, 5: name, index: at } of line.matchAll(token)) {
    if (stars) opened = opened === undefined ? at : undefined
    if (all === '[' || (label && (/[{*]/.test(label) || isOtherAddress(label, href))))
      return { kind: 'link', at }
    if (all === '{' || (name && !placeholders.some((known) => known === name)))
      return { kind: 'placeholder', at }
  }
  return opened === undefined ? undefined : { kind: 'bold', at: opened }
}

/** A link that looks as if it led elsewhere. */
const isOtherAddress = (label: string, href: string | undefined) =>
  /^\s*(\w+:\/\/|www\.)/i.test(label) && label.trim() !== href

const reasons: Record<FaultKind, string> = {
  large: `is larger than ${largest} bytes`,
  https: 'is not an https address',
  country: 'is not a list of countries such as DE;FR',
  domain: 'is not a domain',
  long: `has more than ${longestText} characters`,
  lines: `has more than ${mostLines} lines`,
  character: 'has a control character or a mark of direction',
  placeholder: `has a brace that is no placeholder (${placeholders.map((name) => `{${name}}`).join(', ')})`,
  link: 'has a bracket that is no link such as [Help](https://example.com)',
  bold: 'has ** without its end',
}

/** Checks a template. Throws `invalid_invitation`, which names the field, and in a text the line and the column. */
export function templateFrom(input: unknown): Template {
  const template = check(templateSchema, input, 'invalid_invitation')
  const fault = faultIn(template)
  if (!fault) return template
  const { field, kind, line, column } = fault
  const where = line === undefined ? '' : ` at line ${line}, column ${column}`
  throw new Problem('invalid_invitation', { field, why: `${reasons[kind]}${where}` })
}

/** What an invitation in this language has. `mayLogo`: a policy allows the logo. */
export function chosenIn(
  { lines, sipDomain, help, logo, texts }: Template,
  { id, language, mayLogo }: { id: string; language: Language; mayLogo: boolean },
): NonNullable<Invited['invitation']> {
  const { before, after } = texts[language] ?? texts.other ?? { before: '', after: '' }
  const without = (['id', 'passcode'] as const).filter((line) => !lines[line]).join(';')
  const all = {
    before,
    after,
    without,
    sip: sipDomain && `${id}@${sipDomain}`,
    help,
    logo: mayLogo ? logo : '',
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value))
}
