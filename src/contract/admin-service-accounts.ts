import { z } from 'zod'

// What the console and the service say to each other about the accounts that open mailboxes on Exchange servers. The console
// imports only the types.

/** Names a server of the setting `EXCHANGE`: the SHA-256 of its metadata address. */
export const serverIdSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** `refused`: the server refused the password, which was deleted. */
const states = ['none', 'accepted', 'refused'] as const

export const serviceAccountSchema = z.object({
  server: z.string(),
  /** The host of its EWS. */
  host: z.string(),
  state: z.enum(states),
  /** Since when. Null: there has been none. */
  since: z.iso.datetime().nullable(),
  /** How many mailboxes it opens, or opened. */
  mailboxes: z.int(),
})
export type ServiceAccount = z.infer<typeof serviceAccountSchema>

export const serviceAccountsSchema = z.object({ servers: z.array(serviceAccountSchema) })
export type ServiceAccounts = z.infer<typeof serviceAccountsSchema>
