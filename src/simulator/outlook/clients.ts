import type { Mailbox } from '../people.ts'

/** An Outlook client: what Office.js learns of it, and how it treats add-ins. */
export interface Client {
  /** Its name in the Outlook client chooser. */
  says: string
  /** Part of `_host_Info`, which decides which file of Office.js runs. */
  platform: 'Web' | 'Win32' | 'Mac' | 'iOS' | 'Android'
  fileVersion: string
  /** How Office.js reaches Outlook from its frame; `frames`: by `postMessage`. */
  transport: 'frames' | 'external' | 'webkit' | 'agave'
  /** `Office.context.mailbox.diagnostics.hostVersion`. */
  hostVersion: string
  /** Office.js's number for the program. */
  appNumber: number
  /** Mailbox requirement set; not above what this client's file of Office.js implements. */
  mailbox: string
  /** What answers add-ins and so decides the requirement set: the program, or the page from the mailbox's server. */
  answers: 'program' | 'server'
  /** Members of Office.js that it refuses although they are in its requirement set. */
  lacks: readonly string[]
  /** Whether its Office.js has members above its requirement set, which Outlook then refuses. */
  hasLaterMembers: boolean
  /** Where `userProfile.timeZone` comes from. */
  clock: 'mailbox' | 'computer'
  /** The part of the manifest that it reads. */
  formFactor: 'DesktopFormFactor' | 'MobileFormFactor'
  /** Where launch events of appointments run, and whether they run for mailboxes on premises. */
  launchEvents: { run: 'page' | 'script'; onPremises: boolean } | null
  /** Account types that it does not open, with the reason. */
  refuses: Partial<Record<Mailbox['accountType'], string>>
  /** Account types that it opens without add-ins, with the reason. */
  withoutAddIns: Partial<Record<Mailbox['accountType'], string>>
  /** Whether add-ins run for appointments in another person's calendar. */
  sharedFolders: boolean
  /** Whether its calendar has a small form, in which no add-in runs. Source: OfficeDev/office-js, issue 4074. */
  smallForm: boolean
  /** It has a plug-in instead of the add-in, which asks the desktop companion. */
  plugIn?: boolean
  display: 'window' | 'phone'
}

/** Every client on a computer. */
const desk = {
  mailbox: '1.12',
  lacks: [],
  hasLaterMembers: true,
  formFactor: 'DesktopFormFactor',
  sharedFolders: true,
  smallForm: false,
  display: 'window',
  refuses: {},
  withoutAddIns: {},
} as const

/** Outlook on the web and new Outlook, which shows the same page. */
const page = {
  ...desk,
  platform: 'Web',
  fileVersion: '16.01',
  transport: 'frames',
  appNumber: 64,
  answers: 'server',
  clock: 'mailbox',
  launchEvents: { run: 'page', onPremises: false },
  smallForm: true,
} as const

/** Source: "Outlook JavaScript APIs supported in Outlook on mobile devices"; "Create a mobile online-meeting add-in". */
const phone = {
  fileVersion: '16.00',
  hostVersion: '5.2646.0',
  mailbox: '1.5',
  answers: 'program',
  lacks: ['notificationMessages'],
  hasLaterMembers: false,
  clock: 'mailbox',
  formFactor: 'MobileFormFactor',
  launchEvents: null,
  refuses: {},
  withoutAddIns: {
    enterprise: 'has no add-ins for mailboxes on premises',
    gmail: 'has no add-ins for Gmail',
  },
  sharedFolders: false,
  smallForm: false,
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

/** What the page can open: each client with the add-in, and one with a plug-in instead. */
export const outlooks = {
  ...clients,
  'windows-plug-in': {
    ...clients['windows-classic'],
    says: 'Classic Outlook with the plug-in',
    sharedFolders: false,
    plugIn: true,
  },
} as const satisfies Record<string, Client>

export type OutlookId = keyof typeof outlooks

/** Why a client does not open a mailbox; undefined: it does. */
export const refusal = ({ says, refuses }: Client, { accountType }: Mailbox) =>
  sentence(says, refuses[accountType])

/** Why a client has no add-ins for a mailbox that it opens; undefined: it has them. */
export const lackOfAddIns = ({ says, withoutAddIns }: Client, { accountType }: Mailbox) =>
  sentence(says, withoutAddIns[accountType])

const sentence = (says: string, why: string | undefined) => why && `${says} ${why}.`
