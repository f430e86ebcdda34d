import { exchange } from '../browser/client.ts'
import { problemFrom } from '../browser/problem-from.ts'
import type {
  AuditPage,
  AuditQuery,
  Deployment,
  Health,
  Keys,
  People,
  PeopleQuery,
  Revocations,
  ShownVerdict,
  SignedIn,
  StoredPerson,
} from '../contract/admin.ts'
import type { StoredInvitation } from '../contract/admin-invitation.ts'
import type { Mailbox, Mailboxes, MailboxesQuery } from '../contract/admin-mailboxes.ts'
import {
  adminPaths,
  appSessionPath,
  keyRemovalPath,
  keyRetirementPath,
  mailboxCheckPath,
  mailboxPath,
  personPath,
  personPoliciesPath,
  revocationPath,
  roomPath,
  roomSystemPath,
  screenPath,
  serviceAccountPath,
  syncCheckPath,
  syncRetryPath,
} from '../contract/admin-paths.ts'
import type {
  Explained,
  PolicyPreview,
  PolicyRules,
  Rule,
  ShownPolicies,
} from '../contract/admin-policies.ts'
import type {
  PairingRequest,
  Places,
  RoomRequest,
  RoomSystemRequest,
  Rooms,
} from '../contract/admin-rooms.ts'
import type { ServiceAccounts } from '../contract/admin-service-accounts.ts'
import type { SyncQuery, SyncStatus } from '../contract/admin-sync.ts'
import type { Account } from '../contract/connections.ts'
import { paths } from '../contract/paths.ts'
import type { Permission } from '../contract/permission.ts'
import { Problem } from '../contract/problems.ts'
import { language } from './language.ts'
import { createSignIn } from './sign-in.ts'

export type Service = ReturnType<typeof createService>

export type ExportFormat = 'jsonl' | 'ocsf'

/** The administrators' API as the console uses it. The page and the service are of one version, so answers are not checked. */
export function createService() {
  const signIn = createSignIn(() => request('GET', paths.bootstrap))

  /** Sends a request with an access token. If the service refuses it, gets the one that it asks for, once. */
  async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    try {
      return (await request(method, path, await signIn.token(), body)) as Answer
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { claims } = error
      const token = await signIn.token(claims ? { claims } : { fresh: true })
      return (await request(method, path, token, body)) as Answer
    }
  }

  return {
    signIn,
    me: () => ask<SignedIn>('GET', adminPaths.me),
    people: (query: Partial<PeopleQuery>) =>
      ask<People>('GET', `${adminPaths.people}?${parametersOf(query)}`),
    person: (subject: string) => ask<StoredPerson>('GET', personPath(subject)),
    audit: (query: Partial<AuditQuery>) =>
      ask<AuditPage>('GET', `${adminPaths.audit}?${parametersOf(query)}`),
    verifyAudit: () => ask<ShownVerdict>('GET', adminPaths.auditVerification),
    exportAudit: (format: ExportFormat) => ask<Blob>('GET', `${adminPaths.auditExport}?format=${format}`),
    mailboxes: (query: Partial<MailboxesQuery>) =>
      ask<Mailboxes>('GET', `${adminPaths.mailboxes}?${parametersOf(query)}`),
    connectMailbox: (objectId: string, permission: Permission) =>
      ask<Mailbox>('PUT', mailboxPath(objectId), { permission }),
    checkMailbox: (objectId: string) => ask<Mailbox>('POST', mailboxCheckPath(objectId)),
    disconnectMailbox: (objectId: string) => ask<void>('DELETE', mailboxPath(objectId)),
    rooms: () => ask<Rooms>('GET', adminPaths.rooms),
    places: () => ask<Places>('GET', adminPaths.places),
    addRoom: (address: string, named: RoomRequest) => ask<void>('PUT', roomPath(address), named),
    removeRoom: (objectId: string) => ask<void>('DELETE', roomPath(objectId)),
    saveRoomSystem: (objectId: string, system: RoomSystemRequest) =>
      ask<void>('PUT', roomSystemPath(objectId), system),
    removeRoomSystem: (objectId: string) => ask<void>('DELETE', roomSystemPath(objectId)),
    pairScreen: (asked: PairingRequest) => ask<void>('POST', adminPaths.screens, asked),
    removeScreen: (id: string) => ask<void>('DELETE', screenPath(id)),
    serviceAccounts: () => ask<ServiceAccounts>('GET', adminPaths.serviceAccounts),
    saveServiceAccount: (server: string, account: Account) =>
      ask<ServiceAccounts>('PUT', serviceAccountPath(server), account),
    removeServiceAccount: (server: string) => ask<void>('DELETE', serviceAccountPath(server)),
    sync: (query: Partial<SyncQuery>) => ask<SyncStatus>('GET', `${adminPaths.sync}?${parametersOf(query)}`),
    checkSync: (subject: string) => ask<void>('POST', syncCheckPath(subject)),
    retrySync: (id: string) => ask<void>('POST', syncRetryPath(id)),
    retryAllSync: () => ask<void>('POST', adminPaths.syncRetries),
    policies: () => ask<ShownPolicies>('GET', adminPaths.policies),
    changePolicies: (wanted: PolicyRules) => ask<ShownPolicies>('PUT', adminPaths.policies, wanted),
    previewPolicies: (rules: Rule[]) => ask<PolicyPreview>('POST', adminPaths.policyPreview, { rules }),
    explain: (subject: string) => ask<Explained>('GET', personPoliciesPath(subject)),
    invitation: () => ask<StoredInvitation>('GET', adminPaths.invitation),
    changeInvitation: (wanted: StoredInvitation) =>
      ask<StoredInvitation>('PUT', adminPaths.invitation, wanted),
    keys: () => ask<Keys>('GET', adminPaths.keys),
    askKeyRemoval: (key: string) => ask<void>('PUT', keyRemovalPath(key)),
    withdrawKeyRemoval: (key: string) => ask<void>('DELETE', keyRemovalPath(key)),
    retireKey: (key: string) => ask<void>('PUT', keyRetirementPath(key)),
    deployment: () => ask<Deployment>('GET', adminPaths.deployment),
    health: () => ask<Health>('GET', adminPaths.health),
    revoke: (subject: string) => ask<void>('PUT', revocationPath(subject)),
    endApp: (subject: string, id: string) => ask<void>('DELETE', appSessionPath(subject, id)),
    allow: (subject: string) => ask<void>('DELETE', revocationPath(subject)),
    revokeMany: (subjects: readonly string[]) =>
      ask<Revocations>('POST', adminPaths.revocations, { subjects }),
  }
}

/** The service refused the token. `claims`: what the next one must satisfy, as JSON. */
class Refused extends Problem {
  constructor(
    problem: Problem,
    readonly claims: string | undefined,
  ) {
    super(problem.code, problem.details)
  }
}

function request(method: string, path: string, token?: string, body?: unknown): Promise<unknown> {
  const headers = { 'accept-language': language, ...(token && { authorization: `Bearer ${token}` }) }
  return exchange(method, path, { body, headers }, async (response) => {
    const answer = await read(response)
    if (response.ok) return answer
    const problem = problemFrom(answer)
    throw response.status === 401 ? new Refused(problem, claimsIn(response.headers)) : problem
  })
}

function read(response: Response): Promise<unknown> | undefined {
  if (response.status === 204) return undefined
  const type = response.headers.get('content-type') ?? ''
  return type.startsWith('application/jsonl') ? response.blob() : response.json()
}

/** The claims challenge in `WWW-Authenticate` ("Claims challenges, claims requests and client capabilities"). */
function claimsIn(headers: Headers): string | undefined {
  const [, encoded] = /claims="([A-Za-z0-9+/=]+)"/.exec(headers.get('www-authenticate') ?? '') ?? []
  return encoded && atob(encoded)
}

function parametersOf(query: object): URLSearchParams {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
}
