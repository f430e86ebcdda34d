import { z } from 'zod'
import { connectionKinds } from './connections.ts'
import { checkNames, type FindingName, findings } from './doctor.ts'

// What the console and the service say to each other. The console imports only the types: zod is in no page.

/** The roles of the application in Entra. An auditor changes nothing. */
const roles = ['Admin', 'Auditor'] as const

/** Who is signed in to the console. */
export const administratorSchema = z.object({
  name: z.string().optional(),
  signInName: z.string(),
  role: z.enum(roles),
  /** The directory whose people they see. */
  organisation: z.string(),
  /** They see the mailboxes of Exchange servers too. */
  mailboxes: z.boolean(),
})
export type SignedIn = z.infer<typeof administratorSchema>

/** The states of a connection that are stored, and the one without a row. */
export const listedStates = [
  'not_connected',
  'connected',
  'needs_sign_in',
  'revoked_by_provider',
  'permission_lowered',
  'provider_down',
  'needs_administrator',
  'disconnected_by_administrator',
] as const
const provider = z.enum(connectionKinds)
const state = z.enum(listedStates)

/** A caller's id. */
export const subjectSchema = z.string().regex(/^(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43})$/)

/** At most one of the three searches, each exact; and at most one page. */
export const peopleQuerySchema = z.object({
  objectId: z.guid().toLowerCase().optional(),
  zoomUserId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  /** SHA-256 of the sign-in name in small letters, base64url: a name is in no address that a proxy logs. */
  nameHash: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
  state: state.optional(),
  provider: provider.optional(),
  /** The last subject of the page before. */
  after: subjectSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type PeopleQuery = z.infer<typeof peopleQuerySchema>

export const peopleSchema = z.object({
  people: z.array(
    z.object({
      subject: z.string(),
      zoomUserId: z.string().nullable(),
      connections: z.array(z.object({ provider, state })),
    }),
  ),
  /** `after` of the next page. Missing: this is the last one. */
  next: z.string().optional(),
})
export type People = z.infer<typeof peopleSchema>
export type ListedPerson = People['people'][number]

/** A record of the audit trail. */
export const auditRecordSchema = z.object({
  seq: z.int(),
  at: z.string(),
  act: z.string(),
  caller: z.string().nullable(),
  organisation: z.string().nullable(),
  subject: z.string().nullable(),
  detail: z.string().nullable(),
  hash: z.string(),
})
export type ShownRecord = z.infer<typeof auditRecordSchema>

const time = z.iso.datetime().nullable()

/** Everything that is stored about a person, as facts: no secret, no hash of one. */
export const personSchema = z.object({
  subject: z.string(),
  zoomUserId: z.string().nullable(),
  /** The hash of the verified sign-in name that found the Zoom user is stored. */
  nameHashStored: z.boolean(),
  /** Proofs that were issued before are no longer accepted. */
  proofsEndedAt: time,
  connections: z.array(
    z.object({
      provider,
      permission: z.enum(['read', 'read-write']),
      /** What it opens of the contacts. Null: nothing. */
      contacts: z.enum(['read', 'read-write']).nullable(),
      state,
      /** Failures of the provider in a row, and when it may be asked again. */
      failures: z.int(),
      askAt: time,
    }),
  ),
  credentials: z.array(
    z.object({
      id: z.string(),
      provider: z.string(),
      purpose: z.string(),
      version: z.int(),
      /** The key that wraps its data key. Null: there is no secret yet. */
      keyId: z.string().nullable(),
      replacedAt: time,
      expiresAt: time,
    }),
  ),
  /** Groups that a policy names, and whether the last access token said that they are in it. Null: it did not say. */
  memberships: z.array(z.object({ group: z.string(), isMember: z.boolean().nullable() })),
  sessions: z.int(),
  /** Apps that the person has signed in to, the newest first. */
  apps: z.array(
    z.object({ id: z.string(), app: z.string(), begunAt: z.string(), usedAt: z.string(), until: z.string() }),
  ),
  tickets: z.int(),
  meetings: z.int(),
  /** Saved templates of options, and whether the defaults of new meetings are saved. */
  templates: z.int(),
  defaultsStored: z.boolean(),
  /** The digest of a password that an Exchange server has refused. */
  refusedPasswordStored: z.boolean(),
  /** Null: the calendar is not watched. Otherwise whether there is a subscription, and a token for changes since. */
  watch: z.object({ subscription: z.boolean(), changesToken: z.boolean() }).nullable(),
  /** Jobs about events of the calendar: those that wait, run or have just ended, and those that failed for good. */
  jobs: z.int(),
  failedJobs: z.int(),
  /** The newest records that they caused, or that name them. */
  happened: z.array(auditRecordSchema),
})
export type StoredPerson = z.infer<typeof personSchema>

/** The most people that one request revokes. Each is an act of its own; the caller sends as many requests as it needs. */
const mostRevoked = 50

export const revocationsRequestSchema = z.object({
  subjects: z.array(subjectSchema).min(1).max(mostRevoked),
})

export const revocationsSchema = z.object({
  results: z.array(
    z.object({
      subject: z.string(),
      revoked: z.boolean(),
      /** Why not: the code of a problem, and its sentence for people to read. */
      code: z.string().optional(),
      why: z.string().optional(),
    }),
  ),
})
export type Revocations = z.infer<typeof revocationsSchema>

/** The id of a key: the name of one in `VAULT_KEYS`, or `azure:<name>:<version>`. */
export const keyIdSchema = z.string().regex(/^([a-z0-9-]{1,32}|azure:[A-Za-z0-9-]{1,127}:[0-9a-f]{32})$/)

export const keysSchema = z.object({
  keys: z.array(
    z.object({
      key: z.string(),
      /** New credentials are wrapped with it. */
      active: z.boolean(),
      /** Stored credentials that need it. */
      records: z.int(),
      /** Those of them that could not be wrapped again, and are tried later. */
      failing: z.int(),
      /** Who asked for its removal in the last day, and when (ISO 8601, UTC). */
      asked: z.object({ by: z.string(), at: z.string() }).nullable(),
      /** When two administrators had retired it: ISO 8601, UTC. It can be removed from the settings. */
      retiredAt: z.string().nullable(),
    }),
  ),
})
export type Keys = z.infer<typeof keysSchema>

export const auditQuerySchema = z.object({
  /** Only records before this one. */
  before: z.coerce.number().int().min(1).max(1e15).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type AuditQuery = z.infer<typeof auditQuerySchema>

export const auditPageSchema = z.object({
  records: z.array(auditRecordSchema),
  /** `before` of the next page. Missing: this is the last one. */
  next: z.int().optional(),
})
export type AuditPage = z.infer<typeof auditPageSchema>

export const verdictSchema = z.object({
  intact: z.boolean(),
  /** The first record, and the newest one that is right; 0: none. */
  first: z.int(),
  last: z.int(),
  /** How many checkpoints outside the database agree. */
  checkpoints: z.int(),
  /** The first thing that is wrong. */
  fault: z
    .object({
      seq: z.int(),
      kind: z.enum(['changed', 'missing', 'added', 'rewritten', 'cut off']),
      /** What is wrong there, for people to read. */
      says: z.string(),
    })
    .optional(),
})
export type ShownVerdict = z.infer<typeof verdictSchema>
export type ShownFault = NonNullable<ShownVerdict['fault']>

export const exportQuerySchema = z.object({ format: z.enum(['jsonl', 'ocsf']).default('jsonl') })

/** What one process has seen of the outside systems since it started. */
export const healthSchema = z.object({
  since: z.iso.datetime(),
  systems: z.array(
    z.object({
      system: z.enum(['Zoom', 'Entra', 'Azure Key Vault', 'Exchange', 'Google', 'Microsoft Graph']),
      lastAnswer: time,
      lastFailure: time,
    }),
  ),
})
export type Health = z.infer<typeof healthSchema>

/** What was found in the deployment, from the outside in. */
export const deploymentSchema = z.object({
  lines: z.array(
    z.object({
      check: z.enum(checkNames),
      finding: z.enum(Object.keys(findings) as FindingName[]),
      values: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
})
export type Deployment = z.infer<typeof deploymentSchema>
