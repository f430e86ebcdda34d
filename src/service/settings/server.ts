import { z } from 'zod'
import { addressBlocks, https, listed, origin, whole } from './forms.ts'
import { type SettingsOf, settingsPart } from './read.ts'

/** The origins where Microsoft shows Outlook's pages. Microsoft publishes no list, so an organisation can set its own. */
const outlooks = [
  'https://outlook.office.com',
  'https://outlook.office365.com',
  'https://outlook.live.com',
  'https://outlook.cloud.microsoft',
  'https://*.office.com',
  'https://*.cloud.microsoft',
].join(' ')

/** Where the database is. Commands of an administrator read these too, without the others. */
export const databaseSettings = settingsPart({
  shape: {
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must begin with postgres://' }).optional(),
    DATA_DIR: z.string().min(1).default('.data'),
  },
})

/** Where the service listens, what it stores where, and who may call it. `docs/administrators.md` is the reference. */
export const serverSettings = settingsPart({
  shape: {
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
    PUBLIC_URL: https,
    ...databaseSettings.shape,
    SWEEP_SECONDS: z.coerce.number().min(1).default(60),
    DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(0),
    FRAME_ANCESTORS: z
      .string()
      .default(outlooks)
      .transform((list) => list.split(/\s+/).filter(Boolean)),
    ALLOWED_ORIGINS: z.string().default('').transform(listed).pipe(z.array(origin)),
    TRUSTED_PROXIES: addressBlocks.prefault(''),
    ADDRESS_PER_MINUTE: whole.default(30),
    CALLER_PER_MINUTE: whole.default(120),
  },

  productionFaults({ PUBLIC_URL, FRAME_ANCESTORS }, variables) {
    const faults: string[] = []
    if (isLocal(PUBLIC_URL)) faults.push('PUBLIC_URL must be a public address in production')
    if (FRAME_ANCESTORS.some((source) => !/^https:\/\/(\*\.)?[\w-]+\.[\w.-]+(:\d+)?$/.test(source))) {
      faults.push('FRAME_ANCESTORS must name https origins in production')
    }
    if (variables.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
      faults.push('NODE_TLS_REJECT_UNAUTHORIZED must not be 0 in production: give a CA to trust instead')
    }
    return faults
  },
})
export type ServerSettings = SettingsOf<typeof serverSettings>

const isLocal = (url: string) => /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname)
