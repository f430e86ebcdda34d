import { BlockList, isIP } from 'node:net'
import { z } from 'zod'

/** Forms of settings that several parts of the service use. */

/** An https address, without a slash at its end. */
export const https = z
  .url({ protocol: /^https$/, error: 'must be an https address' })
  .transform((url) => url.replace(/\/+$/, ''))

/** In small letters, as Entra writes it. */
export const guid = z.guid({ error: 'must be a GUID' }).transform((id) => id.toLowerCase())
export const secret = z.string({ error: 'is missing' }).min(1, 'is empty')
export const flag = z.stringbool({ error: 'must be true or false' })
export const perSecond = z.coerce.number().positive()
export const whole = z.coerce.number().int().positive()

/** Words separated by blanks or commas. */
export const listed = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** One https origin, compared letter by letter: no wildcard, no `null`, no path. */
export const origin = z
  .string()
  .refine(
    (text) =>
      /^https:\/\/[\w.-]+(:\d{1,5})?$/.test(text) && URL.canParse(text) && new URL(text).origin === text,
    {
      error: 'must name https origins such as https://addin.example',
    },
  )

/** Addresses, or blocks of them: `10.0.0.0/8`. */
export const addressBlocks = z.string().transform((text, context) => {
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

/** Whether a URL is at one of these host names, on the default port. */
export function isAt(url: string, hosts: readonly string[]): boolean {
  const { hostname, port } = new URL(url)
  return port === '' && hosts.includes(hostname)
}

/** A JSON array of rows, no two with the same name. `twice`: what is wrong where two have it. */
export const jsonRows = <Row extends z.ZodType>(
  row: Row,
  nameOf: (row: z.output<Row>) => string,
  twice: string,
  taken: readonly string[] = [],
) =>
  z
    .string()
    .default('[]')
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue('is not JSON')
        return z.NEVER
      }
    })
    .pipe(
      z
        .array(row, { error: 'must be an array' })
        .refine(
          (rows) => new Set([...taken, ...rows.map(nameOf)]).size === taken.length + rows.length,
          twice,
        ),
    )
