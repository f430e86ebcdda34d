import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { exchangeSetting } from '../identity/exchange/settings.ts'
import { productionFaults } from './production.ts'

const https = z
  .url({ protocol: /^https$/, error: 'must be an https address' })
  .transform((url) => url.replace(/\/+$/, ''))
const guid = z.guid({ error: 'must be a GUID' })
const secret = z.string({ error: 'is missing' }).min(1, 'is empty')
const flag = z.stringbool({ error: 'must be true or false' })
const perSecond = z.coerce.number().positive()
const perMinute = z.coerce.number().int().positive()
const listed = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** One origin, letter by letter: no wildcard, no `null`, no path. */
const origin = z
  .string()
  .refine(
    (text) =>
      /^https:\/\/[\w.-]+(:\d{1,5})?$/.test(text) && URL.canParse(text) && new URL(text).origin === text,
    {
      error: 'must name https origins such as https://addin.example',
    },
  )

/** Addresses, or blocks of them: `10.0.0.0/8`. */
const addressBlocks = z.string().transform((text, context) => {
  const blocks = new BlockList()
  for (const block of listed(text)) {
    const [address = '', prefix] = block.split('/')
    const bits = isIP(address) === 6 ? 128 : 32
    try {
      blocks.addSubnet(address, Number(prefix ?? bits), bits === 128 ? 'ipv6' : 'ipv4')
    } catch {
      context.addIssue('must name addresses or blocks such as 10.0.0.0/8')
    }
  }
  return blocks
})

/** Where Microsoft shows Outlook's pages; it publishes no list, so an organisation can give its own. */
const outlooks = [
  'https://outlook.office.com',
  'https://outlook.office365.com',
  'https://outlook.live.com',
  'https://outlook.cloud.microsoft',
  'https://*.office.com',
  'https://*.cloud.microsoft',
].join(' ')

/** Every setting of the service, read from the environment once, at start. `docs/administrators.md` describes each. */
const settings = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  PUBLIC_URL: https,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must begin with postgres://' }).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  ZOOM_API_URL: https.default('https://api.zoom.us/v2'),
  ZOOM_OAUTH_URL: https.default('https://zoom.us/oauth'),
  ZOOM_ACCOUNT_ID: secret,
  ZOOM_CLIENT_ID: secret,
  ZOOM_CLIENT_SECRET: secret,
  ZOOM_USER_CLIENT_ID: secret.optional(),
  ZOOM_USER_CLIENT_SECRET: secret.optional(),
  ZOOM_LIGHT_PER_SECOND: perSecond.default(30),
  ZOOM_MEDIUM_PER_SECOND: perSecond.default(20),
  EVERY_MEETING: flag.default(false),
  TIDY_INVITATION: flag.default(false),
  SWEEP_SECONDS: z.coerce.number().min(1).default(60),
  ENTRA_AUTHORITY: https.default('https://login.microsoftonline.com'),
  ENTRA_CLIENT_ID: guid,
  FRAME_ANCESTORS: z
    .string()
    .default(outlooks)
    .transform((list) => list.split(/\s+/).filter(Boolean)),
  ENTRA_TENANTS: z
    .string({ error: 'is missing' })
    .transform((list) => list.split(',').map((tenant) => tenant.trim()))
    .pipe(z.array(guid)),
  EXCHANGE: exchangeSetting,
  ALLOWED_ORIGINS: z.string().default('').transform(listed).pipe(z.array(origin)),
  TRUSTED_PROXIES: addressBlocks.prefault(''),
  ADDRESS_PER_MINUTE: perMinute.default(30),
  CALLER_PER_MINUTE: perMinute.default(120),
})

export type Settings = z.infer<typeof settings>

/** What the settings must be together. */
const environment = settings.superRefine((read, context) => {
  const zoomApp = [read.ZOOM_USER_CLIENT_ID, read.ZOOM_USER_CLIENT_SECRET].filter(Boolean).length
  if (zoomApp === 1 || (zoomApp === 0 && read.EXCHANGE.length > 0)) {
    const missing = read.ZOOM_USER_CLIENT_ID ? 'ZOOM_USER_CLIENT_SECRET' : 'ZOOM_USER_CLIENT_ID'
    context.addIssue({ code: 'custom', path: [missing], message: 'is missing' })
  }
})

/** Checks the environment. Throws one error that names every setting at fault, and shows no value. */
export function readSettings(variables: Record<string, string | undefined>): Settings {
  const read = environment.safeParse(variables, { reportInput: true })
  const faults = read.success
    ? productionFaults(read.data, variables)
    : read.error.issues.map((issue) => `${issue.path.join('.')} ${sentence(issue)}`)
  if (read.success && faults.length === 0) return read.data
  throw new Error(`The service cannot start with these settings:\n  ${faults.join('\n  ')}`)
}

function sentence(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : issue.message
}
