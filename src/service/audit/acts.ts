/** OCSF 1.2.0: a class, and one of its activities. https://schema.ocsf.io/1.2.0/ */
const logon = { class: 'authentication', activity: 1 } as const
const created = { class: 'entity_management', activity: 1 } as const
const read = { class: 'entity_management', activity: 2 } as const
const updated = { class: 'entity_management', activity: 3 } as const
const deleted = { class: 'entity_management', activity: 4 } as const
const disabled = { class: 'entity_management', activity: 9 } as const
const activated = { class: 'entity_management', activity: 10 } as const
const started = { class: 'application_lifecycle', activity: 3 } as const

/** Everything that the audit trail records. A new act needs a migration too: the database knows the names. */
export const acts = {
  'service started': {
    means: 'A process of the service started. Its active key is the subject.',
    ocsf: started,
  },
  'key rotated': {
    means: 'A process started with another active key than the one before. The new key is the subject.',
    ocsf: activated,
  },
  'key removal asked': {
    means: 'An administrator asked for the removal of an older key, which is the subject.',
    ocsf: updated,
  },
  'key removal withdrawn': { means: 'An administrator withdrew that request.', ocsf: updated },
  'key retired': {
    means: 'A second administrator confirmed the removal. The key wraps no credential any more.',
    ocsf: disabled,
  },
  're-wrap begun': {
    means:
      'Credentials that need the older key, which is the subject, are being wrapped with the active key.',
    ocsf: updated,
  },
  're-wrap finished': { means: 'No stored credential needs that older key any more.', ocsf: updated },
  'credential replaced': { means: 'A new secret of a credential was sealed and stored.', ocsf: updated },
  'credential used': {
    means: 'A process opened a credential. It then keeps the secret in memory until the provider ends it.',
    ocsf: read,
  },
  'credential destroyed': { means: 'A credential and its data key were deleted.', ocsf: deleted },
  'zoom linked': {
    means: 'A caller got a Zoom account, by a sign-in to Zoom or by the sign-in name that Entra verified.',
    ocsf: created,
  },
  disconnected: {
    means:
      'A caller disconnected: every proof so far and the link to Zoom ended, and the credentials were deleted.',
    ocsf: deleted,
  },
  'calendar connected': {
    means:
      'A caller connected a calendar: its provider, and what the service may do with it. With the reason `moved` the service did, because the mailbox had moved. Without a provider it then opens the mailbox by application permissions.',
    ocsf: created,
  },
  'calendar stopped': {
    means:
      'Access to a calendar ended: the provider refused it, a policy allows none, or its credential is gone. The reason is the new state. Without a provider it is a mailbox that an administrator connected.',
    ocsf: disabled,
  },
  'calendar lowered': {
    means:
      'A policy now allows less than a connection did, or the provider opens fewer contacts. It goes on with that.',
    ocsf: updated,
  },
  'calendar disconnected': {
    means: 'A caller disconnected a calendar. Its credential was deleted.',
    ocsf: deleted,
  },
  'code sent': {
    means:
      'A caller had a message with a code put into a mailbox on an Exchange server, to prove that it is theirs. The reason says whether the server did it.',
    ocsf: created,
  },
  'service account saved': {
    means:
      'An administrator saved the account that opens mailboxes on an Exchange server, which had accepted its password.',
    ocsf: created,
  },
  'service account refused': {
    means:
      'An Exchange server refused the password of a service account. If it was stored, it was deleted, and no mailbox is opened with it any more.',
    ocsf: disabled,
  },
  'service account removed': {
    means: 'An administrator removed the service account of an Exchange server.',
    ocsf: deleted,
  },
  'service accounts viewed': {
    means: 'An administrator saw which Exchange servers have a service account.',
    ocsf: read,
  },
  'zoom connected': {
    means: 'A caller connected their own Zoom account. Their meetings are made with it from then on.',
    ocsf: created,
  },
  'zoom stopped': {
    means:
      'Zoom refused access to a caller’s own Zoom account, or its credential is gone. The reason is the new state.',
    ocsf: disabled,
  },
  'zoom disconnected': {
    means: 'A caller disconnected their own Zoom account. Its credential was deleted.',
    ocsf: deleted,
  },
  'template saved': {
    means: 'A caller saved the defaults of their new meetings, or a template.',
    ocsf: updated,
  },
  'template deleted': { means: 'A caller deleted a template.', ocsf: deleted },
  'rooms viewed': { means: 'An administrator saw the list of rooms.', ocsf: read },
  'room added': {
    means: 'An administrator added a room. Its mailbox is the subject.',
    ocsf: created,
  },
  'room removed': {
    means: 'An administrator removed a room, and its screens. Its mailbox is the subject.',
    ocsf: deleted,
  },
  'room system saved': {
    means: 'An administrator gave a room its room system. The mailbox of the room is the subject.',
    ocsf: updated,
  },
  'room system removed': {
    means: 'An administrator removed the room system of a room, whose mailbox is the subject.',
    ocsf: deleted,
  },
  'screen paired': {
    means: 'An administrator typed the code of a screen, which shows a room, or many, from then on.',
    ocsf: created,
  },
  'screen removed': {
    means:
      'An administrator removed a screen. It shows nothing any more. Without a caller the screen asked for it itself.',
    ocsf: deleted,
  },
  'session started': { means: 'A mailbox on an Exchange server got a session.', ocsf: logon },
  'app signed in': { means: 'A person signed in to an app, at Entra or Zoom.', ocsf: logon },
  'app session ended': {
    means:
      'A session of an app ended: the app signed out, its person or an administrator ended it, Entra or Zoom has the person no more or cannot be asked, or a code or refresh token was used twice. The reason says which.',
    ocsf: { class: 'authentication', activity: 2 },
  },
  'proof refused': {
    means: 'Proofs were refused: how many, and why, since the last record of the same process.',
    ocsf: { ...logon, failed: true },
  },
  'console opened': {
    means: 'An administrator signed in to the console, with a second factor.',
    ocsf: logon,
  },
  'people viewed': { means: 'An administrator saw a page of the list of people.', ocsf: read },
  'person viewed': {
    means: 'An administrator saw what is stored about a person, who is the subject.',
    ocsf: read,
  },
  'person revoked': {
    means:
      'An administrator ended the access of a person, who is the subject: every proof so far and the link to Zoom ended, the credentials were deleted, and nothing can be connected.',
    ocsf: deleted,
  },
  'person allowed': {
    means: 'An administrator let a person, who is the subject, connect again.',
    ocsf: activated,
  },
  'policies viewed': {
    means:
      'An administrator saw the policies of the organisation, or which rules decide for a person, who is the subject.',
    ocsf: read,
  },
  'policy changed': {
    means:
      'An administrator changed the value of a policy, for everybody or for the group that is the subject. `none`: there is no such rule.',
    ocsf: updated,
  },
  'policies moved': {
    means: 'An administrator changed the order of the rules for groups.',
    ocsf: updated,
  },
  'invitation viewed': {
    means: 'An administrator saw what the organisation writes into its invitations.',
    ocsf: read,
  },
  'invitation changed': {
    means: 'An administrator changed what the organisation writes into its invitations.',
    ocsf: updated,
  },
  'mailboxes viewed': { means: 'An administrator saw a page of the connected mailboxes.', ocsf: read },
  'mailbox connected': {
    means:
      'An administrator connected a mailbox, which is the subject, by application permissions: what the service may do with it.',
    ocsf: created,
  },
  'mailbox refused': {
    means: 'A mailbox, which is the subject, could not be connected. The reason is the problem.',
    ocsf: disabled,
  },
  'mailbox checked': {
    means:
      'An administrator checked a connected mailbox, which is the subject. The reason is what was found.',
    ocsf: read,
  },
  'mailbox disconnected': {
    means: 'An administrator disconnected a mailbox, which is the subject.',
    ocsf: deleted,
  },
  'sync viewed': { means: 'An administrator saw whose calendars are followed.', ocsf: read },
  'sync checked': {
    means: 'An administrator had the calendar of a person, who is the subject, compared at once.',
    ocsf: read,
  },
  'sync retried': {
    means: 'An administrator had an event of a person, who is the subject, followed again.',
    ocsf: updated,
  },
  'audit viewed': { means: 'An administrator saw a page of the audit trail.', ocsf: read },
  'keys viewed': { means: 'An administrator saw which keys wrap how many stored credentials.', ocsf: read },
  'health viewed': { means: 'An administrator saw when each outside system last answered.', ocsf: read },
  'deployment checked': {
    means: 'An administrator had the deployment checked from the outside in.',
    ocsf: read,
  },
  'audit verified': { means: 'An administrator verified the audit trail.', ocsf: read },
  'audit exported': { means: 'An administrator exported the audit trail.', ocsf: read },
} as const satisfies Record<string, { means: string; ocsf: Mapping }>

export type Act = keyof typeof acts

/** What an act is in OCSF. */
export interface Mapping {
  class: 'authentication' | 'entity_management' | 'application_lifecycle'
  activity: number
  failed?: true
}
