import type { Mailbox } from '../people.ts'

/** The Outlooks there are: one row a client, as Office.js gets to know it and as it treats an add-in. */
export interface Client {
  /** What the Outlook client chooser calls it. */
  says: string
  /** `_host_Info`: decides which file of Office.js runs. */
  platform: 'Web' | 'Win32' | 'Mac' | 'iOS' | 'Android'
  fileVersion: string
  /** What Office.js finds in its frame to talk to Outlook through; `frames`: only the messages of web pages. */
  transport: 'frames' | 'external' | 'webkit' | 'agave'
  /** `Office.context.mailbox.diagnostics.hostVersion`. */
  hostVersion: string
  /** The number Office.js knows the program by. */
  appNumber: number
  /** Mailbox requirement set. Not above what the file of Office.js in use really has. */
  mailbox: string
  /** Whose code answers an add-in, and says what it can: the program's, or the page that the mailbox's server gives out. */
  answers: 'program' | 'server'
  /** Members of Office.js that it refuses although its requirement set has them. */
  lacks: readonly string[]
  /** Whose clock `userProfile.timeZone` is. */
  clock: 'mailbox' | 'computer'
  /** The part of the manifest that it reads. */
  formFactor: 'DesktopFormFactor' | 'MobileFormFactor'
  /** Where the launch events of appointments run, and whether they do for a mailbox on premises. */
  launchEvents: { run: 'page' | 'script'; onPremises: boolean } | null
  /** Accounts that it does not open, or opens without add-ins. */
  refuses: Partial<Record<Mailbox['accountType'], string>>
  /** Whether it opens an appointment in somebody else's calendar with add-ins. */
  sharedFolders: boolean
  display: 'window' | 'phone'
}

/** What every desk has. */
const desk = {
  mailbox: '1.12',
  lacks: [],
  formFactor: 'DesktopFormFactor',
  sharedFolders: true,
  display: 'window',
  refuses: {},
} as const

/** Outlook on the web, wherever it is shown. */
const page = {
  ...desk,
  platform: 'Web',
  fileVersion: '16.01',
  transport: 'frames',
  appNumber: 64,
  answers: 'server',
  clock: 'mailbox',
  launchEvents: { run: 'page', onPremises: false },
} as const

/** Source: "Outlook JavaScript APIs supported in Outlook on mobile devices"; "Create a mobile online-meeting add-in". */
const phone = {
  fileVersion: '16.00',
  hostVersion: '5.2646.0',
  mailbox: '1.5',
  answers: 'program',
  lacks: ['notificationMessages'],
  clock: 'mailbox',
  formFactor: 'MobileFormFactor',
  launchEvents: null,
  refuses: {
    enterprise: 'has no add-ins for mailboxes on premises',
    gmail: 'has no add-ins for Gmail',
  },
  sharedFolders: false,
  display: 'phone',
} as const

export const clients = {
  web: { ...page, says: 'Outlook on the web', hostVersion: '20261113002.10' },
  windows: {
    ...page,
    says: 'New Outlook on Windows',
    hostVersion: '20261106004.09',
    refuses: { enterprise: 'does not open mailboxes on premises' },
  },
  'windows-classic': {
    ...desk,
    says: 'Classic Outlook on Windows',
    platform: 'Win32',
    fileVersion: '16.02',
    transport: 'external',
    hostVersion: '16.0.19426.20118',
    appNumber: 8,
    answers: 'program',
    clock: 'computer',
    launchEvents: { run: 'script', onPremises: true },
  },
  mac: {
    ...desk,
    says: 'Outlook on Mac',
    platform: 'Mac',
    fileVersion: '16.00',
    transport: 'webkit',
    hostVersion: '16.103.26111612',
    appNumber: 8,
    answers: 'program',
    clock: 'computer',
    launchEvents: { run: 'page', onPremises: false },
  },
  ios: { ...phone, says: 'Outlook on iOS', platform: 'iOS', transport: 'webkit', appNumber: 65_536 },
  android: {
    ...phone,
    says: 'Outlook on Android',
    platform: 'Android',
    transport: 'agave',
    appNumber: 4_194_304,
  },
} as const satisfies Record<string, Client>

export type ClientId = keyof typeof clients

/** Why a client cannot open a mailbox; undefined: it can. */
export function refusal({ says, refuses }: Client, { accountType }: Mailbox): string | undefined {
  const why = refuses[accountType]
  return why && `${says} ${why}.`
}
