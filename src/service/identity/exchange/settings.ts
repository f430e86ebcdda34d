import { existsSync } from 'node:fs'
import { z } from 'zod'
import { https, jsonRows } from '../../settings/forms.ts'
import { canonical } from './metadata-url.ts'

const file = z.string().refine(existsSync, 'names a file that is not there')

const pins = z
  .array(
    z
      .string()
      .transform((pin) => pin.replaceAll(':', '').toLowerCase())
      .pipe(z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal')),
  )
  .min(1, 'is empty')
  .optional()

const endpoint = z.strictObject({
  /** As the server's tokens name it: `https://mail.contoso.example/autodiscover/metadata/json/1`. */
  metadataUrl: z.string().transform((url, context) => {
    const spelled = canonical(url)
    if (spelled) return spelled
    context.addIssue('must be a plain https address')
    return z.NEVER
  }),
  /** Where the organisation's calendars are asked for; never what a token or a client says. */
  ewsUrl: z.url({ protocol: /^https$/, error: 'must be an https address' }).optional(),
  /** How the server's EWS folder checks a password. The service never tries the other way: a try counts towards a lock-out. */
  ewsAuthentication: z.enum(['ntlm', 'basic']).default('ntlm'),
  /** Whether NTLM names the server's certificate. Behind a balancer that ends TLS with another certificate it must not. */
  channelBindings: z.boolean().default(true),
  /**
   * Where the server reaches this service: an address without a slash at its end. With it, the server is asked to call where
   * its answers that hang tell nothing. Undefined: it cannot reach the service.
   */
  callbackUrl: https.optional(),
  /** Whether the server may be at a private address. */
  internal: z.boolean().default(false),
  /** A PEM file with the authorities that alone may vouch for the server; without it, the public ones. */
  ca: file.optional(),
  /** SHA-256 of the certificates that alone may sign, in hexadecimal. */
  pins,
  /** SHA-256 of the certificates that alone may prove the address, to who asks for the metadata and for calendars. */
  tlsPins: pins,
  /** The metadata document as a file, where we cannot reach the server. */
  metadataFile: file.optional(),
  /** The only realm that may issue. */
  realm: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
  /** `appctxsender` is the issuer itself, unless an organisation's server says otherwise. */
  anySender: z.boolean().default(false),
  /** For how long after its issue a token counts; Exchange itself signs for eight hours, Outlook keeps one for half an hour (office-js issue 2830). */
  tokenMinutes: z.int().min(5).max(480).default(60),
})

export type ExchangeEndpoint = z.infer<typeof endpoint>

/** The setting `EXCHANGE`: a JSON array, one row an Exchange organisation. */
export const exchangeSetting = jsonRows(endpoint, ({ metadataUrl }) => metadataUrl, 'names a server twice')
