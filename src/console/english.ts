import { says } from '../browser/says.ts'
import type { ShownFault } from '../contract/admin.ts'
import { type ConnectionKind, type ConnectionState, stateOf } from '../contract/connections.ts'
import type { FaultKind } from '../contract/invitation-template.ts'
import type { Permission } from '../contract/permission.ts'
import type { DecidedText, PolicyName, PolicyValue, TextDecision } from '../contract/policies.ts'
import type { Problem } from '../contract/problems.ts'
import { amount } from './language.ts'

/** Everything that the console says, in English. */
export const english = {
  product: 'Zoom for Outlook',
  title: 'Zoom for Outlook: administration',
  administration: 'Administration',
  signIn: 'Sign in with Microsoft',
  signInNeeds:
    'Administrators sign in with their work account. They need the role Admin or Auditor of this application, and a second factor.',
  signingIn: 'Signing in …',
  signOut: 'Sign out',
  anotherAccount: 'Sign in with another account',
  tryAgain: 'Try again',
  stillNoFactor:
    'Entra did not confirm a second factor. A Conditional Access policy must require one for the authentication context of this application. The page for administrators says how to set it up.',
  reading: 'Reading …',
  asRole: (role: 'Admin' | 'Auditor'): string =>
    role === 'Admin' ? 'Administrator' : 'Auditor: can change nothing',
  /** Between a name and its value. */
  colon: ': ',
  /** What a problem is, and what to do. */
  problem: (problem: Problem) => says(problem),
  /** A state of a connection, for an administrator. */
  state: (provider: ConnectionKind, state: ConnectionState) => stateOf(provider, state).administrator,

  people: {
    heading: 'People',
    stored:
      'The service stores no names and no e-mail addresses, so people are listed by their ids. You can search for an object id of your directory, a Zoom user id, or an exact sign-in name. Of a sign-in name, only the hash leaves this page, because only the hash is stored.',
    mailboxes: 'Mailboxes of your Exchange servers are in the list too.',
    search: 'Object id, Zoom user id or sign-in name',
    state: 'Connection',
    every: 'All states',
    provider: 'Provider',
    everyProvider: 'All providers',
    find: 'Search',
    notSearchable:
      'This is no object id, no Zoom user id and no sign-in name. A sign-in name has an @ in it.',
    shown: (count: number) =>
      count === 1 ? '1 person on this page' : `${amount(count)} people on this page`,
    none: 'The service knows no such person.',
    next: 'Next page',
    previous: 'Previous page',
    columns: { person: 'Person', zoom: 'Zoom user', calendar: 'Connections' },
    mailbox: 'Exchange mailbox',
    notLinked: 'none',
  },

  mailboxes: {
    heading: 'Mailboxes',
    about:
      'Mailboxes of rooms and people that an administrator connects by application permissions, without the person. Zoom meetings follow their calendars, and the service stores no credential. Limit the application to these mailboxes in Exchange Online.',
    objectId: 'Object id of a room or a person',
    notObjectId: 'This is no object id.',
    connect: 'Connect mailbox',
    columns: { mailbox: 'Mailbox', permission: 'Permission', state: 'State', change: 'Change' },
    permissions: { read: 'Read', 'read-write': 'Read and write' } satisfies Record<Permission, string>,
    none: 'No mailbox is connected.',
    check: 'Check again',
    disconnect: 'Disconnect',
    question: 'Disconnect this mailbox? You can connect it again.',
    yes: 'Yes, disconnect',
    no: 'Keep connected',
    working: 'One moment …',
    connected: (mailbox: string) => `${mailbox} is connected.`,
    checked: (mailbox: string, state: string) => `${mailbox}: ${state}.`,
    disconnected: (mailbox: string) => `${mailbox} is disconnected.`,
  },

  serviceAccounts: {
    heading: 'Service accounts of Exchange servers',
    about:
      'With an account that may act for mailboxes (ApplicationImpersonation), people connect their calendars without a password: a code in their Inbox proves that the mailbox is theirs. The policy “What opens calendars on Exchange servers” switches it on.',
    states: {
      none: 'No account is saved.',
      accepted: 'The server accepted the account when it was saved.',
      refused:
        'The server refused the password, which was deleted. The calendars wait for you: save the account again.',
    },
    since: (when: string) => `Since ${when}.`,
    opens: (count: number) =>
      count === 1 ? 'One mailbox is connected with it.' : `${count} mailboxes are connected with it.`,
    user: 'User name (DOMAIN\\user, or user@domain)',
    password: 'Password',
    missing: 'Enter the user name and the password.',
    save: 'Save account',
    remove: 'Remove account',
    question: 'Remove the account? Its calendars are not followed until another one is saved.',
    yes: 'Yes, remove',
    no: 'Keep account',
    saved: (host: string) => `The account for ${host} is saved.`,
    removed: (host: string) => `The account for ${host} is removed.`,
  },

  policies: {
    heading: 'Policies',
    about:
      'A rule decides for everybody of your directory, or for a group. A rule for a group comes before the one for everybody, and of several groups that a person is in, the first one decides. If an access token does not name its person’s groups, the strictest rule that could be theirs decides.',
    rules: 'Rules',
    columns: { whom: 'For', name: 'Policy', value: 'Value', order: 'Change' },
    names: {
      calendar: 'Calendar',
      contacts: 'Contacts',
      apps: 'Access tokens for apps',
      zoomAccount: 'Zoom account',
      sync: 'Calendar sync',
      discarded: 'Meeting of a discarded draft',
      zoomChanges: 'Meetings changed in Zoom',
      tidy: 'Tidying the invitation text',
      everyMeeting: 'Zoom meeting in every new appointment',
      exchangeSignIn: 'Sign-in of Exchange mailboxes',
      exchangeAccess: 'What opens calendars on Exchange servers',
      zoomSignIn: 'Sign-in to Zoom',
      invitationLogo: 'Logo in invitations',
      alternativeHosts: 'Alternative hosts',
      waitingRoom: 'Waiting room',
      meetingAuthentication: 'Only people who are signed in can join',
      joinBeforeHost: 'Joining before the host',
      muteUponEntry: 'Muted on entry',
      hostVideo: 'Video of the host',
      participantVideo: 'Video of participants',
      autoRecording: 'Automatic recording',
      jbhTime: 'How long before the start people can join',
      audio: 'Audio',
      encryptionType: 'Encryption',
      continuousMeetingChat: 'Chat before and after the meeting',
      autoStartMeetingSummary: 'Summary by AI Companion',
      whoWillReceiveSummary: 'Who gets the summary',
      autoStartAiCompanionQuestions: 'Questions to AI Companion',
      languageInterpretation: 'Language interpretation',
      signLanguageInterpretation: 'Sign language interpretation',
      usePmi: 'Personal meeting id',
      approvalType: 'Registration',
      authenticationProfile: 'How people sign in',
      dialInCountries: 'Countries of the telephone numbers',
      dataCenterRegions: 'More data centres',
      countries: 'From where people can join',
    } as Record<PolicyName, string>,
    values: {
      off: 'Off',
      on: 'On',
      choice: 'As each person chooses',
      read: 'Read',
      'read-write': 'Read and write',
      proxy: 'None (proxy)',
      direct: 'Given',
      'by-sign-in': 'By a sign-in to Zoom',
      'by-name': 'Found by the sign-in name',
      zoom: 'As the Zoom account says',
      'always-on': 'Always on',
      'always-off': 'Always off',
      none: 'None',
      local: 'On the computer',
      cloud: 'In the cloud',
      'always-none': 'Never',
      'always-local': 'Always on the computer',
      'always-cloud': 'Always in the cloud',
      '5': '5 minutes before',
      'always-5': 'Always: 5 minutes before',
      '10': '10 minutes before',
      'always-10': 'Always: 10 minutes before',
      '15': '15 minutes before',
      'always-15': 'Always: 15 minutes before',
      any: 'At any time',
      'always-any': 'Always: at any time',
      voip: 'Computer only',
      'always-voip': 'Always: computer only',
      telephony: 'Telephone only',
      'always-telephony': 'Always: telephone only',
      both: 'Computer and telephone',
      'always-both': 'Always: computer and telephone',
      thirdParty: 'Another provider',
      'always-thirdParty': 'Always: another provider',
      e2ee: 'End to end',
      'always-e2ee': 'Always: end to end',
      enhanced: 'Enhanced',
      'always-enhanced': 'Always: enhanced',
      host: 'The host',
      'always-host': 'Always: the host',
      hosts: 'Host and alternative hosts',
      'always-hosts': 'Always: host and alternative hosts',
      organisation: 'Invited people of the organisation',
      'always-organisation': 'Always: invited people of the organisation',
      everybody: 'Everybody who is invited',
      'always-everybody': 'Always: everybody who is invited',
      manual: 'The host approves',
      'always-manual': 'Always: the host approves',
      automatic: 'Approved by itself',
      'always-automatic': 'Always: approved by itself',
      keep: 'Stays',
      remove: 'Is removed after four weeks',
      show: 'Shown to the person',
      repair: 'Put right',
      'own-credential': 'Each person’s own password',
      'service-account': 'A service account',
    } as Record<PolicyValue, string> & Record<string, string>,
    decisions: { zoom: 'As the Zoom account says', default: 'At first', always: 'Always' } as Record<
      TextDecision,
      string
    >,
    alwaysText: (text: string) => `Always: ${text}`,
    onlyFrom: (countries: string) => `only from ${countries}`,
    allBut: (countries: string) => `not from ${countries}`,
    text: 'Text',
    textsMore: {
      authenticationProfile: 'The id of an authentication profile, such as signIn_D8cJuqWVQ623CI4Q8yQK0Q.',
      dialInCountries: 'Codes of two letters, such as DE;FR.',
      dataCenterRegions: 'Zoom’s codes, such as DE;NL.',
      countries: 'approve:DE;FR, or deny:AQ.',
    } as Record<DecidedText, string>,
    notText: (name: string) => `This is no value of “${name}”.`,
    everybody: 'Everybody',
    otherwise: 'Without a rule',
    group: 'Object id of a group; empty: everybody',
    add: 'Add rule',
    notGroup: 'This is no object id of a group.',
    twice: 'There is a rule for that policy and group already. Change its value.',
    up: 'Up',
    down: 'Down',
    remove: 'Remove',
    added: 'Rule added. It is not saved yet.',
    changed: 'Value changed. It is not saved yet.',
    removed: 'Rule removed. That is not saved yet.',
    moved: 'Rule moved. That is not saved yet.',
    undone: 'The saved rules are shown again.',
    unsaved: 'There are changes that are not saved.',
    saved: 'The rules are saved.',
    working: 'One moment …',
    review: 'Review changes',
    undo: 'Undo all changes',
    save: 'Save rules',
    affected: 'Who is affected',
    certain: (count: number) =>
      count === 1 ? 'These changes affect 1 person.' : `These changes affect ${amount(count)} people.`,
    possible: (count: number) =>
      `${count === 1 ? 'For 1 more person' : `For ${amount(count)} more people`} it is not known yet whether they are in a group. They are affected if they are.`,
    perhaps: 'if in the group',
    change: (name: string, before: string, after: string) => `${name}: ${after} instead of ${before}`,
    more: (count: number) => `The first ${amount(count)} are shown.`,
    by: {
      group: 'decided by the rule for the group',
      everybody: 'decided by the rule for everybody',
      setting: 'no rule; the default of the service',
    },
    unknown: (count: number) =>
      `(the strictest that could be theirs: ${count === 1 ? 'one group is' : `${count} groups are`} not known)`,
    groups: {
      not_said:
        'The last access token did not name this person’s groups: there are too many, or the application has no groups claim. Whether they are in a group is not known.',
      not_asked:
        'This person has not used the service since a rule named a group. What their next access token says decides.',
    },
  },

  invitation: {
    heading: 'Invitation',
    about:
      'What the add-in writes into an appointment with a Zoom meeting. Invitations that are written already stay as they are. People read it in the language of their Outlook.',
    grammar: (placeholders: string) =>
      `**bold**, [a link](https://example.com), ${placeholders}. A line with a placeholder that has no value is left out. A \\ before a character means the character itself. There is no HTML.`,
    lines: 'Lines that are shown',
    line: { id: 'Meeting id', passcode: 'Passcode', dialIn: 'Telephone numbers' },
    dialInCountries: 'Countries of the telephone numbers, such as DE;FR; empty: all',
    sipDomain: 'Domain of SIP addresses, such as zoomcrc.com; empty: no such line',
    help: 'Page that helps people join, https://…; empty: none',
    logo: 'Logo, https://…; empty: none',
    logoNeeds:
      'The logo is shown where the policy “Logo in invitations” is on. Its server learns who opens an invitation.',
    textsFor: 'Texts for people who read',
    other: 'All other languages',
    before: 'Text before the details',
    after: 'Text after the details',
    ownTexts: 'This language has texts of its own',
    preview: 'Preview',
    previewIn: 'Language of the preview',
    asHtml: 'As HTML',
    asText: 'As plain text',
    logoHere: (address: string) => `Logo: ${address}`,
    sampleName: 'Grace Hopper',
    changed: 'There are changes that are not saved.',
    saved: 'The invitation is saved.',
    standard: 'The invitation is as the add-in writes it by itself.',
    working: 'One moment …',
    save: 'Save invitation',
    undo: 'Undo all changes',
    remove: 'Write it without a template',
    fault: {
      large: 'The texts are too long together.',
      https: 'This is no https address.',
      country: 'This is no list of countries such as DE;FR.',
      domain: 'This is no domain.',
      long: 'This text is too long.',
      lines: 'This text has too many lines.',
      character: 'This is a control character, or a mark that turns the direction of the text.',
      placeholder: 'There is no such placeholder. Write \\{ for a brace.',
      link: 'This bracket is no link such as [Help](https://example.com). Write \\[ for a bracket.',
      bold: 'There is no ** that ends the bold letters.',
    } as Record<FaultKind, string>,
    elsewhere: (name: string) => `There is a mistake in the texts for: ${name}.`,
    at: (says: string, line: number, column: number) => `Line ${line}, column ${column}: ${says}`,
  },

  audit: {
    heading: 'Audit trail',
    all: 'Records are only appended, and each has a hash over the one before. The newest is first. Every page that you look at is recorded too.',
    own: 'These are the records of your organisation. The operator of the service verifies and exports the whole trail by command.',
    verify: 'Verify the whole trail',
    verifying: 'Verifying …',
    intact: (last: number, checkpoints: number) =>
      `The audit trail is intact up to record ${last}. ${amount(checkpoints)} checkpoints agree.`,
    broken: (fault: ShownFault, last: number) => `${fault.says} It is right up to record ${last}.`,
    exports: { jsonl: 'Export as JSON Lines', ocsf: 'Export as OCSF' },
    exported: 'The export is in your downloads.',
    newer: 'Newer records',
    older: 'Older records',
  },

  keys: {
    heading: 'Keys',
    about:
      'A key wraps the data keys of stored credentials. The active one wraps new credentials, and the service wraps older ones with it in the background. An older key can be removed when no credential needs it and two administrators agree: one asks, and another one confirms within a day. Then remove it from the settings. No key can be seen here.',
    columns: {
      key: 'Key',
      use: 'Use',
      records: 'Credentials that need it',
      failing: 'Could not be wrapped again yet',
      removal: 'Removal',
    },
    active: 'active',
    older: 'older',
    retired: (time: string) => `retired ${time}; remove it from the settings`,
    asked: (time: string) => `asked for ${time} by`,
    ask: 'Ask for removal',
    confirm: 'Confirm removal',
    withdraw: 'Withdraw',
    done: {
      ask: (key: string) => `Another administrator can now confirm the removal of ${key}.`,
      confirm: (key: string) => `${key} is retired. Remove it from the settings.`,
      withdraw: (key: string) => `The request to remove ${key} is withdrawn.`,
    },
  },

  sync: {
    heading: 'Sync',
    about:
      'Microsoft Graph, or the person’s Exchange server, tells the service of changes in the calendars of these people, and their Zoom meetings follow. Once a day the service compares each calendar, because notifications may be lost. No event is stored or shown here.',
    columns: {
      person: 'Person',
      state: 'State',
      change: 'Last change',
      check: 'Last check',
      act: 'Action',
      reason: 'Reason',
      since: 'Given up',
    },
    states: {
      watched: 'followed',
      starting: 'begins soon',
      failing: 'Microsoft Graph or the Exchange server failed or refused; the service tries again by itself',
    },
    never: 'none yet',
    none: 'Nobody’s calendar is followed. People connect their calendar in the add-in, and the policy “Calendar sync” must be on.',
    waiting: (count: number) =>
      count === 0 ? 'No event waits to be followed.' : `Events that wait to be followed: ${amount(count)}.`,
    different: (count: number) =>
      count === 0
        ? 'No meeting differs from its appointment because it was changed in Zoom.'
        : `Meetings that were changed in Zoom and differ from their appointment: ${amount(count)}.`,
    checkNow: 'Check now',
    checking: (person: string) => `The calendar of ${person} is being compared.`,
    failed: 'Events that could not be followed',
    failedCount: (count: number) => `In all: ${amount(count)}.`,
    tryAgain: 'Try again',
    tryAllAgain: 'Try all again',
    trying: 'The event waits to be followed.',
    tryingAll: 'All of them wait to be followed.',
    failedPages: { previous: 'Newer events', next: 'Older events' },
    working: 'Working …',
  },

  health: {
    heading: 'Health',
    about: (since: string) =>
      `The database answers: this page comes from it. The rest is what one process of the service has seen since ${since}; another process may have seen something else.`,
    columns: { system: 'System', answer: 'Last answer', failure: 'Last failure' },
    never: 'none seen',
  },

  deployment: {
    heading: 'Deployment',
    about:
      'The deployment as the service sees it from where it runs: what the command “doctor” finds. Run that command outside your network too.',
    byCommand: (scope: string, room: string, registration: string) =>
      `“${scope}” and “${room}” are checked by command only, because they need addresses. “${registration}” needs your own token for Microsoft Graph, unless the application may read its registration:`,
    checking: 'Checking. This takes up to ten seconds …',
    again: 'Check again',
    copy: 'Copy as text',
    copied: 'The results are on the clipboard.',
    notCopied: 'The browser does not let this page write to the clipboard.',
    save: 'Download as JSON',
    saved: 'The results are in your downloads.',
    columns: { check: 'Check', state: 'Result', found: 'What was found', fix: 'What to do' },
  },

  revoking: {
    heading: 'Revoked access',
    select: (person: string) => `Select ${person}`,
    selectAll: 'Select everybody on this page',
    label: (count: number) => `Revoke access of ${amount(count)} selected`,
    question: (count: number) =>
      `Delete the stored credentials of ${count === 1 ? 'this person' : `these ${amount(count)} people`}, and end everything that was proved so far? They can connect nothing until you allow it again.`,
    yes: 'Yes, revoke',
    no: 'Keep access',
    progress: (done: number, total: number) =>
      `${amount(done)} of ${amount(total)} done. Keep this page open.`,
    result: (done: number, failed: number) => `${amount(done)} revoked, ${amount(failed)} failed.`,
    done: 'revoked',
    again: 'Try the failed ones again',
  },

  person: {
    heading: 'Person',
    revoke: 'Revoke access',
    allow: 'Allow again',
    revoked: 'The access of this person has ended.',
    allowed: 'This person can connect again.',
    back: 'All people',
    connections: 'Connections',
    toPerson: 'The person reads',
    stored: 'What is stored',
    happened: 'What happened',
    nothingHappened: 'Nothing is recorded.',
    newest: (count: number) => `The newest records, ${count} at most.`,
    subject: 'Id in this service',
    zoomUser: 'Zoom user id',
    found: 'Found by the sign-in name; its hash is stored',
    byZoom: 'By a sign-in to Zoom',
    noZoom: 'None',
    proofsEnded: 'Proofs end',
    proofsEndedAt: (time: string) => `What was issued before ${time} is no longer accepted`,
    proofsLast: 'None was ended',
    groups: 'Groups that policies name',
    noGroups: 'Nothing is stored',
    group: (isMember: boolean | null): string =>
      isMember === null ? 'the access token did not say' : isMember ? 'a member' : 'no member',
    sessions: 'Sessions of an Exchange mailbox',
    tickets: 'Tickets of meetings',
    meetings: 'Meetings',
    templates: 'Saved templates, sealed',
    defaults: 'Saved defaults of new meetings, sealed',
    refusedPassword: 'Digest of a refused password',
    isStored: (isStored: boolean): string => (isStored ? 'Stored' : 'Not stored'),
    watch: 'Watched calendar',
    watched: (watch: { subscription: boolean; changesToken: boolean } | null): string =>
      watch === null
        ? 'Not watched'
        : `${watch.subscription ? 'A subscription' : 'No subscription'}, ${watch.changesToken ? 'a token for changes' : 'no token for changes'}`,
    jobs: 'Jobs about events',
    failedJobs: 'Jobs that failed',
    credentials: 'Sealed credentials',
    noCredentials: 'None',
    credential: (provider: string, purpose: string, version: number) =>
      `${provider}, ${purpose.replace('-', ' ')}, version ${version}`,
    key: (key: string | null) => (key === null ? 'has no secret yet' : `sealed with the key ${key}`),
    until: (time: string) => `deleted after ${time} if it is not used`,
    permission: (provider: ConnectionKind, permission: Permission): string =>
      provider === 'zoom'
        ? 'may schedule with the person’s own Zoom account'
        : permission === 'read'
          ? 'may read the calendar'
          : 'may read and change the calendar',
    contacts: { read: 'may read the contacts', 'read-write': 'may read and change the contacts' },
    failures: (count: number, time: string) =>
      `The provider failed ${count} times in a row. It is asked again after ${time}.`,
  },

  records: {
    at: 'Time',
    act: 'Act',
    caller: 'By',
    subject: 'About',
    detail: 'Details',
    /** What was done, as the audit trail names it. */
    name: (act: string) => act,
  },
  nobody: 'the service',

  providers: {
    microsoft: 'Microsoft 365',
    google: 'Google',
    exchange: 'Exchange Server',
    zoom: 'Zoom',
    'microsoft-application': 'Microsoft 365, by application',
  } satisfies Record<ConnectionKind, string>,
  states: {
    not_connected: 'Not connected',
    connected: 'Connected',
    needs_sign_in: 'Needs sign-in',
    revoked_by_provider: 'Revoked by the provider',
    permission_lowered: 'Permission lowered',
    provider_down: 'Provider down',
    needs_administrator: 'Needs an administrator',
    disconnected_by_administrator: 'Disconnected by an administrator',
  } satisfies Record<ConnectionState, string>,
}

/** The same in each language. */
export type Texts = typeof english
