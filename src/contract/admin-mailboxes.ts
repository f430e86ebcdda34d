import { z } from 'zod'
import { stateNames, waysOut } from './connections.ts'
import { permissions } from './permission.ts'

// What the console and the service say to each other about mailboxes that an administrator connects by the application's
// own permissions. The console imports only the types.

/** The object id of a person or a room in the administrator's directory. */
export const objectIdSchema = z.guid().toLowerCase()

const permission = z.enum(permissions)

export const mailboxesQuerySchema = z.object({
  /** The last object id of the page before. */
  after: objectIdSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type MailboxesQuery = z.infer<typeof mailboxesQuerySchema>

/** What the service may do with the mailbox's calendar. No more than the policies for its owner allow. */
export const mailboxRequestSchema = z.object({ permission })

export const mailboxSchema = z.object({
  objectId: z.string(),
  permission,
  state: z.enum(stateNames),
  /** What the state means, for an administrator to read. */
  says: z.string(),
  /** What the administrator can do. `retry`: mend what the sentence says, then check again. */
  wayOut: z.enum(waysOut),
  /** Failures of Entra or Graph in a row, and when they may be asked again. */
  failures: z.int(),
  askAt: z.iso.datetime().nullable(),
})
export type Mailbox = z.infer<typeof mailboxSchema>

export const mailboxesSchema = z.object({
  mailboxes: z.array(mailboxSchema),
  /** `after` of the next page. Missing: this is the last one. */
  next: z.string().optional(),
})
export type Mailboxes = z.infer<typeof mailboxesSchema>
