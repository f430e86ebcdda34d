/** Whoever can open the simulated Outlook: one row a mailbox, as its tenant and its Outlook would describe it. */
export interface Mailbox {
  /** What the Mailbox chooser calls it. */
  says: string
  displayName: string
  emailAddress: string
  /** `Office.context.mailbox.userProfile.accountType`. */
  accountType: 'office365' | 'enterprise' | 'outlookCom' | 'gmail'
  /** Windows name, as `userProfile.timeZone` has it. */
  timeZone: string
  /** The Entra directory (`tid`) and the person in it (`oid`). */
  tenantId: string
  objectId: string
  /** What the nested app authentication bridge does; `absent`: Outlook puts none in place. */
  bridge: 'answers' | 'absent'
  /** Requirement sets Outlook reports beside Mailbox. */
  requirements: Record<string, string>
}

export const mailboxes = {
  'exchange-online': {
    says: 'Exchange Online',
    displayName: 'Ada Lovelace',
    emailAddress: 'ada@contoso.example',
    accountType: 'office365',
    timeZone: 'W. Europe Standard Time',
    tenantId: '7f1b2c3d-0000-4000-8000-00000c047050',
    objectId: 'ada00000-0000-4000-8000-000000000001',
    bridge: 'answers',
    requirements: { NestedAppAuth: '1.1', DialogApi: '1.2' },
  },
} as const satisfies Record<string, Mailbox>

export type MailboxId = keyof typeof mailboxes
