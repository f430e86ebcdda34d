/** The Outlooks there are: one row a client, as Office.js gets to know it. */
export interface Client {
  /** What the Outlook client chooser calls it. */
  says: string
  /** `_host_Info`: decides which file of Office.js runs. */
  platform: string
  fileVersion: string
  /** `Office.context.mailbox.diagnostics.hostVersion`. */
  hostVersion: string
  /** The number Office.js knows the program by. */
  appNumber: number
  /** Mailbox requirement set. Not above what the file of Office.js in use really has. */
  mailbox: string
  launchEvents: boolean
}

export const clients = {
  web: {
    says: 'Outlook on the web',
    platform: 'Web',
    fileVersion: '16.01',
    hostVersion: '20261113002.10',
    appNumber: 64,
    mailbox: '1.12',
    launchEvents: true,
  },
} as const satisfies Record<string, Client>

export type ClientId = keyof typeof clients
