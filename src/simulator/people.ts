/** A person with an account in Entra: the directory (`tid`) and the person's id in it (`oid`). */
export interface Person extends Named {
  tenantId: string
  objectId: string
  /** The app roles that the directory has given them. */
  roles?: readonly string[]
  /** The object ids of their groups in the directory. */
  groups?: readonly string[]
}

interface Named {
  displayName: string
  emailAddress: string
}

/** A mailbox that the simulated Outlook can open, with the properties that its organization and its Outlook give it. */
export interface Mailbox extends Named, Partial<Omit<Person, keyof Named>> {
  /** Its name in the Mailbox chooser; `group` is the heading above it. */
  says: string
  group: string
  /** `Office.context.mailbox.userProfile.accountType`. */
  accountType: 'office365' | 'enterprise' | 'outlookCom' | 'gmail'
  /** Windows name, as in `userProfile.timeZone`. */
  timeZone: string
  /** Requirement sets that Outlook reports besides its version of Mailbox; `Mailbox` here replaces that version. */
  requirements: Record<string, string>
  bridge: Bridge
  /** Who is signed in to Outlook, if not the mailbox's owner: tokens are for this person. */
  signedIn?: Person
  /** `msexchuid`: the person's id on the organization's own Exchange server. */
  exchangeId?: string
  /** The Exchange server's version. Outlook on the web reports it as its own. */
  serverVersion?: string
  /** Whether the browser blocks windows that a page opens. */
  popups?: 'blocked'
}

/** How the nested app authentication bridge behaves. `absent`: Outlook has no bridge; `throws`: `postMessage` throws. */
export type Bridge = 'answers' | 'absent' | 'silent' | 'throws' | Refusals

/** Method → the error that refuses it. A method without an error succeeds; a pop-up succeeds after the person agrees. */
export type Refusals = Partial<Record<'GetInitContext' | 'GetToken' | 'GetTokenPopup', BridgeError>>

/** Source: `@azure/msal-browser`, `BridgeError` and `BridgeStatusCode`. */
export interface BridgeError {
  status:
    | 'USER_INTERACTION_REQUIRED'
    | 'USER_CANCEL'
    | 'NO_NETWORK'
    | 'TRANSIENT_ERROR'
    | 'PERSISTENT_ERROR'
    | 'DISABLED'
    | 'ACCOUNT_UNAVAILABLE'
    | 'NESTED_APP_AUTH_UNAVAILABLE'
  code: string
}

/** The directory of all personal Microsoft accounts. Source: Entra, "Access tokens". */
export const consumersTenant = '9188040d-6c67-4c5b-b112-36a304b66dad'

/** Groups of Contoso's directory. Everybody in it is an employee. */
export const groups = {
  employees: '9a0b0000-0000-4000-8000-000000000001',
  pilots: '9a0b0000-0000-4000-8000-000000000002',
  contractors: '9a0b0000-0000-4000-8000-000000000003',
} as const

export const mailboxes = {
  'exchange-online': {
    ...online('Ada Lovelace', 1),
    groups: [groups.employees, groups.pilots],
    group: 'Exchange Online',
    says: 'Exchange Online',
    bridge: 'answers',
  },
  'no-bridge': {
    ...online('Alan Turing', 2),
    groups: [groups.employees, groups.contractors],
    group: 'Exchange Online',
    says: 'No bridge, although Outlook reports one',
    bridge: 'absent',
  },
  'no-popups': {
    ...online('Barbara Liskov', 3),
    // More than Entra puts into a token.
    groups: [groups.employees, ...Array.from({ length: 200 }, (_, index) => groupId(1000 + index))],
    group: 'Exchange Online',
    says: 'No bridge, and pop-ups are blocked',
    bridge: 'absent',
    popups: 'blocked',
  },

  'interaction-required': {
    ...online('Claude Shannon', 4),
    group: 'Signing in needs the person',
    says: 'Interaction required',
    bridge: { GetToken: { status: 'USER_INTERACTION_REQUIRED', code: 'interaction_required' } },
  },
  'consent-required': {
    ...online('Donald Knuth', 5),
    group: 'Signing in needs the person',
    says: 'Consent required',
    bridge: { GetToken: { status: 'USER_INTERACTION_REQUIRED', code: 'consent_required' } },
  },
  cancels: {
    ...online('Edsger Dijkstra', 6),
    group: 'Signing in needs the person',
    says: 'Interaction required, and cancelled',
    bridge: {
      GetToken: { status: 'USER_INTERACTION_REQUIRED', code: 'interaction_required' },
      GetTokenPopup: { status: 'USER_CANCEL', code: 'user_cancel' },
    },
  },
  'account-switched': {
    ...online('Frances Allen', 7),
    group: 'Signing in needs the person',
    says: 'Signed in as a colleague',
    bridge: 'answers',
    signedIn: person('Ada Lovelace', 1),
  },

  'bridge-disabled': {
    ...online('Ivan Sutherland', 8),
    group: 'The bridge fails',
    says: 'Disabled',
    bridge: refusing({ status: 'DISABLED', code: 'disabled' }),
  },
  'bridge-unavailable': {
    ...online('John Backus', 9),
    group: 'The bridge fails',
    says: 'Unavailable for this account',
    bridge: refusing({ status: 'NESTED_APP_AUTH_UNAVAILABLE', code: 'nested_app_auth_unavailable' }),
  },
  'bridge-untrusted': {
    ...online('Katherine Johnson', 10),
    group: 'The bridge fails',
    says: 'Does not trust the add-in’s address',
    bridge: refusing({ status: 'PERSISTENT_ERROR', code: 'untrusted_origin' }),
  },
  'bridge-transient': {
    ...online('Leslie Lamport', 11),
    group: 'The bridge fails',
    says: 'Fails for a while',
    bridge: refusing({ status: 'TRANSIENT_ERROR', code: 'temporarily_unavailable' }),
  },
  'bridge-offline': {
    ...online('Margaret Hamilton', 12),
    group: 'The bridge fails',
    says: 'No network',
    bridge: refusing({ status: 'NO_NETWORK', code: 'no_network' }),
  },
  'bridge-no-account': {
    ...online('Niklaus Wirth', 13),
    group: 'The bridge fails',
    says: 'No account until somebody signs in',
    bridge: { GetToken: { status: 'ACCOUNT_UNAVAILABLE', code: 'account_unavailable' } },
  },
  'bridge-refuses': {
    ...online('Peter Naur', 14),
    group: 'The bridge fails',
    says: 'Refuses to start',
    bridge: { GetInitContext: { status: 'NESTED_APP_AUTH_UNAVAILABLE', code: 'unavailable' } },
  },
  'bridge-throws': {
    ...online('Radia Perlman', 15),
    group: 'The bridge fails',
    says: 'Throws',
    bridge: 'throws',
  },
  'bridge-silent': {
    ...online('Sophie Wilson', 16),
    group: 'The bridge fails',
    says: 'Never answers',
    bridge: 'silent',
  },

  'exchange-2019': {
    ...onPremises('Tim Berners-Lee', '6d0e18f2-0000-4000-8000-000000000017'),
    group: 'Not on Exchange Online',
    says: 'Exchange 2019',
  },
  hybrid: {
    ...person('Vint Cerf', 18),
    ...onPremises('Vint Cerf', '6d0e18f2-0000-4000-8000-000000000018'),
    group: 'Not on Exchange Online',
    says: 'Hybrid: mailbox on Exchange 2019, account in Entra',
  },
  'outlook-com': {
    group: 'Not on Exchange Online',
    says: 'Outlook.com',
    displayName: 'Wanda Private',
    emailAddress: 'wanda@outlook.example',
    accountType: 'outlookCom',
    timeZone: 'W. Europe Standard Time',
    tenantId: consumersTenant,
    objectId: '00000000-0000-0000-0000-00000000da19',
    bridge: 'absent',
    requirements: { DialogApi: '1.2' },
  },
} as const satisfies Record<string, Mailbox>

export type MailboxId = keyof typeof mailboxes

/** Mailboxes of rooms in Exchange Online. Nobody signs in with their accounts. */
export const rooms = {
  attic: person('Attic', 30),
  cellar: person('Cellar', 31),
  turing: { ...person('Room Turing', 33), emailAddress: 'turing@contoso.example' },
} as const satisfies Record<string, Person>

/** Shared mailboxes in Exchange Online. Nobody signs in with their accounts. */
export const sharedMailboxes = {
  office: { ...person('Front office', 32), emailAddress: 'office@contoso.example' },
} as const satisfies Record<string, Person>

/** Who administers the service. Their accounts have no mailbox that the simulated Outlook opens. */
export const administrators = {
  admin: { ...person('Grace Hopper', 20), roles: ['Admin'], bridge: 'answers' },
  /** The removal of a key needs two. */
  second: { ...person('Dorothy Vaughan', 22), roles: ['Admin'], bridge: 'answers' },
  auditor: { ...person('Joan Clarke', 21), roles: ['Auditor'], bridge: 'answers' },
} as const satisfies Record<string, Account>

/** An account in Entra. */
export type Account = Person & Pick<Mailbox, 'bridge'>

/** Everyone with an account in Entra, personal accounts included. */
export const people: readonly Account[] = [
  ...Object.values<Mailbox>(mailboxes).filter((mailbox) => isPerson(mailbox)),
  ...Object.values(administrators),
]

export function isPerson<Someone extends Partial<Person>>(someone: Someone): someone is Someone & Person {
  return someone.tenantId !== undefined && someone.objectId !== undefined
}

/** An employee of Contoso, the organization that the service serves. */
function person(displayName: string, number: number) {
  return {
    displayName,
    emailAddress: addressOf(displayName),
    tenantId: '7f1b2c3d-0000-4000-8000-00000c047050',
    objectId: `ada00000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    groups: [groups.employees] as readonly string[],
  }
}

function groupId(number: number): string {
  return `9a0b0000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

function online(displayName: string, number: number) {
  return {
    ...person(displayName, number),
    accountType: 'office365',
    timeZone: 'W. Europe Standard Time',
    requirements: { NestedAppAuth: '1.1', DialogApi: '1.2' },
  } as const
}

/** Exchange Server supports at most Mailbox 1.5, whatever the client supports. Source: "Outlook JavaScript API requirement sets". */
function onPremises(displayName: string, guid: string) {
  return {
    displayName,
    emailAddress: addressOf(displayName),
    exchangeId: `${guid}@contoso.example`,
    serverVersion: '15.2.1544.4',
    accountType: 'enterprise',
    timeZone: 'W. Europe Standard Time',
    requirements: { Mailbox: '1.5', DialogApi: '1.2' },
    bridge: 'absent',
  } as const
}

function refusing(error: BridgeError): Refusals {
  return { GetToken: error, GetTokenPopup: error }
}

function addressOf(displayName: string): string {
  return `${displayName.split(' ')[0]?.toLowerCase()}@contoso.example`
}
