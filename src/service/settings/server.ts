import { z } from 'zod'
import { certificateFaults, readCertificate } from '../http/certificate.ts'
import { addressBlocks, https, listed, origin, whole } from './forms.ts'
import { type SettingsOf, settingsPart, wrong } from './read.ts'

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
  rows: {
    DATABASE_URL: {
      says: 'PostgreSQL 13 or later, `postgres://…`. A connection pooler must support prepared statements (PgBouncer 1.21 or later)',
      example: 'postgres://zoom@db.example.com/zoom',
      otherwise: 'none: the embedded database',
    },
    DATA_DIR: { says: 'directory of the embedded database', example: '/var/lib/zoom-for-outlook' },
  },
})

/** Where the service listens, what it stores where, and who may call it. `docs/administrators.md` is the reference. */
export const serverSettings = settingsPart({
  shape: {
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
    PUBLIC_URL: https,
    TLS_CERT_FILE: z.string().min(1, 'is empty').optional(),
    TLS_KEY_FILE: z.string().min(1, 'is empty').optional(),
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
  rows: {
    PORT: { says: 'port of the service, plain HTTP without `TLS_CERT_FILE`', example: '8080' },
    PUBLIC_URL: {
      says: 'https address of the service, as Outlook reaches it',
      example: 'https://zoom.example.com',
    },
    TLS_CERT_FILE: {
      says: 'a PEM file with [the certificate](#3-run-the-service) of the service, and those between it and its authority; needs `TLS_KEY_FILE`',
      example: '/run/secrets/tls-certificate',
      otherwise: 'none: plain HTTP',
    },
    TLS_KEY_FILE: {
      says: 'a PEM file with its private key, without a passphrase',
      example: '/run/secrets/tls-key',
    },
    ...databaseSettings.rows,
    SWEEP_SECONDS: {
      says: 'seconds between two rounds of background work: delete orphaned meetings, check expiring links',
      example: '60',
    },
    DRAIN_SECONDS: {
      says: 'seconds between the signal to stop and the end of the port; a little longer than your load balancer needs to notice `/readyz`',
      example: '15',
    },
    FRAME_ANCESTORS: {
      says: 'origins of the Outlooks that may show the add-in, separated by blanks. Your value replaces the default. To add Outlook on the web of an Exchange server, repeat the default and add its origin',
      example: `${outlooks} https://mail.example.com`,
    },
    ALLOWED_ORIGINS: {
      says: 'other origins whose pages may call the service, separated by commas or blanks',
      example: 'https://portal.example.com',
    },
    TRUSTED_PROXIES: {
      says: 'addresses or blocks of the proxies whose `X-Forwarded-For` the service believes',
      example: '10.0.0.0/8',
    },
    ADDRESS_PER_MINUTE: {
      says: 'sign-ins a minute (Exchange token, Zoom, or to an app) that one address may send to one process. An accepted Exchange token and a completed sign-in to an app do not count, because a whole organisation may share one address',
      example: '30',
    },
    CALLER_PER_MINUTE: { says: 'requests a minute that one caller may send to one process', example: '120' },
  },

  faults(settings) {
    const { TLS_CERT_FILE, TLS_KEY_FILE } = settings
    if (!TLS_CERT_FILE !== !TLS_KEY_FILE) return [wrong('TLS_CERT_FILE and TLS_KEY_FILE need each other')]
    const read = TLS_CERT_FILE ? readCertificate(settings, Date.now()) : undefined
    return typeof read === 'string' ? [wrong(certificateFaults[read])] : []
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
