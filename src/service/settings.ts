import { z } from 'zod'

const https = z
  .url({ protocol: /^https$/, error: 'must be an https address' })
  .transform((url) => url.replace(/\/+$/, ''))
const guid = z.guid({ error: 'must be a GUID' })
const secret = z.string({ error: 'is missing' }).min(1, 'is empty')
const perSecond = z.coerce.number().positive()

/** Where Microsoft shows Outlook's pages; it publishes no list, so an organisation can give its own. */
const outlooks = [
  'https://outlook.office.com',
  'https://outlook.office365.com',
  'https://outlook.live.com',
  'https://outlook.cloud.microsoft',
  'https://*.office.com',
  'https://*.cloud.microsoft',
].join(' ')

/** Every setting of the service, read from the environment once, at start. The README's table is the reference. */
const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  PUBLIC_URL: https,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must begin with postgres://' }).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  ZOOM_API_URL: https.default('https://api.zoom.us/v2'),
  ZOOM_OAUTH_URL: https.default('https://zoom.us/oauth'),
  ZOOM_ACCOUNT_ID: secret,
  ZOOM_CLIENT_ID: secret,
  ZOOM_CLIENT_SECRET: secret,
  ZOOM_LIGHT_PER_SECOND: perSecond.default(30),
  ZOOM_MEDIUM_PER_SECOND: perSecond.default(20),
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
    .pipe(z.array(guid).min(1, 'names no tenant')),
})

export type Settings = z.infer<typeof environment>

/** Checks the environment. Throws one error that names every setting at fault, and shows no value. */
export function readSettings(variables: Record<string, string | undefined>): Settings {
  const read = environment.safeParse(variables)
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) => `  ${issue.path.join('.')} ${sentence(issue)}`)
  throw new Error(`The service cannot start with these settings:\n${faults.join('\n')}`)
}

function sentence(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : issue.message
}
