import { createHash } from 'node:crypto'
import { type Mailbox, mailboxes } from '../people.ts'
import { credentials } from './apps.ts'

/** A person with a Zoom account. Source: Zoom Users API, "Get a user". */
export interface User {
  id: string
  account_id: string
  email: string
  display_name: string
  /** 1 Basic, 2 Licensed, 4 without a meetings licence. */
  type: 1 | 2 | 4
  status: 'active' | 'inactive'
  group_ids?: readonly string[]
  /** The personal meeting id. */
  pmi: number
  /** The profile's own zone. It differs from every mailbox's here, so that a start without a zone is noticed. */
  timezone: string
}

/** Two users who cannot schedule: one has no licence for meetings, the other is deactivated. */
export const unlicensed = 'nolicence@contoso.example'
export const deactivated = 'left@contoso.example'

/** A person whose Zoom account is not Contoso's. */
export const outsider: User = user(
  { email: 'mallory@elsewhere.example', display_name: 'Mallory Elsewhere', type: 1, status: 'active' },
  'another-account-id',
)

type Described = Pick<User, 'email' | 'display_name' | 'type' | 'status'>

const people: Described[] = [
  ...Object.values<Mailbox>(mailboxes)
    .filter(({ accountType }) => accountType === 'office365' || accountType === 'enterprise')
    .map((mailbox) => ({
      email: mailbox.emailAddress,
      display_name: mailbox.displayName,
      type: 2 as const,
      status: 'active' as const,
    })),
  { email: unlicensed, display_name: 'Nadia Nolicence', type: 4, status: 'active' },
  { email: deactivated, display_name: 'Leo Left', type: 2, status: 'inactive' },
]

/** The account's users at the start, by e-mail address: each employee with a mailbox, and the two above. */
export const users: ReadonlyMap<string, User> = new Map(
  people.map((person) => [person.email, user(person, credentials.accountId)]),
)

/**
 * Owner → the users who may schedule for them at the start. Zoom calls them assistants. Each owner's calendar can also
 * be opened in Outlook.
 */
export const assistantsOf: Record<string, readonly string[]> = {
  'alan@contoso.example': ['ada@contoso.example', 'tim@contoso.example', 'vint@contoso.example'],
  'barbara@contoso.example': ['ada@contoso.example'],
  'claude@contoso.example': ['alan@contoso.example'],
  'tim@contoso.example': ['vint@contoso.example'],
}

/** Everyone who can sign in to Zoom's pages at the start. */
export const signIns: readonly User[] = [
  ...[...users.values()].filter(({ status }) => status === 'active'),
  outsider,
]

function user(person: Described, account_id: string): User {
  return {
    ...person,
    account_id,
    id: userId(person.email),
    pmi: pmiOf(person.email),
    timezone: 'America/New_York',
  }
}

/** A user of the account at the start, by id or e-mail address. */
export function findUser(idOrEmail: string): User | undefined {
  const wanted = idOrEmail.toLowerCase()
  return users.get(wanted) ?? [...users.values()].find((user) => user.id === idOrEmail)
}

/** The answer of "Get a user". */
export function profile(user: User) {
  const [first_name = '', ...rest] = user.display_name.split(' ')
  return {
    ...user,
    first_name,
    last_name: rest.join(' '),
    role_name: 'Member',
    role_id: '2',
    verified: 1,
    language: 'en-US',
    created_at: '2024-01-15T09:00:00Z',
  }
}

/** A stable personal meeting id of ten digits. */
function pmiOf(email: string): number {
  return 3_000_000_000 + (createHash('sha256').update(email).digest().readUInt32BE() % 1_000_000_000)
}

/**
 * A stable id of 22 characters for an address, as Zoom's user ids are stable. A user who is added again gets another one.
 */
export function userId(email: string, added = 1): string {
  const name = added === 1 ? email : `${email} ${added}`
  return createHash('sha256').update(`zoom user ${name}`).digest('base64url').slice(0, 22)
}
