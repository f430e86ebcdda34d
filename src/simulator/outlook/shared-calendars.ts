/** The owner of a calendar that the person can open: a colleague, or a shared mailbox. */
export interface Owner {
  says: string
  emailAddress: string
  displayName: string
  /** The sum of `Office.MailboxEnums.DelegatePermissions`. */
  delegatePermissions: number
}

/** Source: Office.js, `DelegatePermissions`. */
const permissions = {
  read: 1,
  write: 2,
  deleteOwn: 4,
  deleteAll: 8,
  editOwn: 16,
  editAll: 32,
} as const

const everything = Object.values(permissions).reduce((sum, permission) => sum + permission, 0)

/** At Zoom, Alan Turing and Barbara Liskov let Ada Lovelace schedule for them. Claude Shannon lets only Alan Turing. */
export const owners = {
  alan: {
    says: 'Alan Turing',
    displayName: 'Alan Turing',
    emailAddress: 'alan@contoso.example',
    delegatePermissions: everything,
  },
  barbara: {
    says: 'Barbara Liskov, to read only',
    displayName: 'Barbara Liskov',
    emailAddress: 'barbara@contoso.example',
    delegatePermissions: permissions.read,
  },
  claude: {
    says: 'Claude Shannon, who lets only Alan schedule at Zoom',
    displayName: 'Claude Shannon',
    emailAddress: 'claude@contoso.example',
    delegatePermissions: everything,
  },
  office: {
    says: 'Front office, a shared mailbox without a Zoom user',
    displayName: 'Front office',
    emailAddress: 'office@contoso.example',
    delegatePermissions: everything,
  },
  tim: {
    says: 'Tim Berners-Lee, on the Exchange server',
    displayName: 'Tim Berners-Lee',
    emailAddress: 'tim@contoso.example',
    delegatePermissions: everything,
  },
  vint: {
    says: 'Vint Cerf, on the Exchange server',
    displayName: 'Vint Cerf',
    emailAddress: 'vint@contoso.example',
    delegatePermissions: everything,
  },
} as const satisfies Record<string, Owner>

export type OwnerId = keyof typeof owners

export const mayWrite = (owner: Owner | undefined) =>
  owner === undefined || (owner.delegatePermissions & permissions.write) !== 0
