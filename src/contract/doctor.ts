/** What `doctor` looks at, from the outside in. */
export const checkNames = [
  'settings',
  'dns',
  'tls',
  'service',
  'manifest',
  'wellKnown',
  'frames',
  'entraDirectory',
  'entraRedirects',
  'entraSecret',
  'entraToken',
  'entraRegistration',
  'zoomApp',
  'zoomUserApp',
  'zoomUserScopes',
  'graphWebhook',
  'zoomWebhook',
  'zoomUserWebhook',
  'exchangeCalls',
  'database',
  'vault',
  'subscriptions',
  'clock',
  'exchange',
  'serviceAccounts',
  'scope',
  'room',
] as const
export type CheckName = (typeof checkNames)[number]

/** `unknown`: cannot tell from here. */
const states = ['pass', 'unknown', 'fail'] as const
export type State = (typeof states)[number]

/** Everything that a check can find: its state, and where the folder `docs` says more. */
export const findings = {
  waits: ['unknown', 'administrators.md#check-the-deployment'],
  late: ['unknown', 'administrators.md#check-the-deployment'],
  broken: ['unknown', 'administrators.md#check-the-deployment'],

  setting_wrong: ['fail', 'administrators.md#4-settings'],
  setting_missing: ['fail', 'getting-started.md#from-nothing-to-a-meeting-in-one-sitting'],
  settings_absent: ['fail', 'administrators.md#check-the-deployment'],

  dns_found: ['pass', 'administrators.md#3-run-the-service'],
  dns_missing: ['fail', 'administrators.md#3-run-the-service'],
  dns_silent: ['unknown', 'administrators.md#3-run-the-service'],

  tls_good: ['pass', 'administrators.md#3-run-the-service'],
  tls_unreachable: ['fail', 'administrators.md#3-run-the-service'],
  tls_refused: ['fail', 'administrators.md#3-run-the-service'],
  tls_chain: ['fail', 'administrators.md#3-run-the-service'],
  tls_untrusted: ['fail', 'administrators.md#3-run-the-service'],
  tls_early: ['fail', 'administrators.md#3-run-the-service'],
  tls_expired: ['fail', 'administrators.md#3-run-the-service'],
  tls_ends: ['fail', 'administrators.md#3-run-the-service'],
  tls_other_name: ['fail', 'administrators.md#3-run-the-service'],
  tls_old: ['fail', 'administrators.md#3-run-the-service'],

  service_answers: ['pass', 'administrators.md#3-run-the-service'],
  service_silent: ['fail', 'administrators.md#3-run-the-service'],
  service_other: ['fail', 'administrators.md#3-run-the-service'],

  manifest_same: ['pass', 'deploy-the-add-in.md#deploy-the-add-in'],
  manifest_missing: ['fail', 'deploy-the-add-in.md#deploy-the-add-in'],
  manifest_other: ['fail', 'deploy-the-add-in.md#deploy-the-add-in'],

  well_known_good: ['pass', 'administrators.md#5-deploy-the-add-in'],
  well_known_missing: ['fail', 'administrators.md#5-deploy-the-add-in'],
  well_known_other: ['fail', 'administrators.md#5-deploy-the-add-in'],

  frames_good: ['pass', 'administrators.md#4-settings'],
  frames_missing: ['fail', 'administrators.md#4-settings'],
  frames_twice: ['fail', 'administrators.md#3-run-the-service'],
  frames_refused: ['fail', 'administrators.md#3-run-the-service'],
  frames_open: ['fail', 'administrators.md#3-run-the-service'],
  frames_other_cloud: ['unknown', 'administrators.md#4-settings'],
  frames_server: ['unknown', 'exchange-server.md#5-deploy-the-add-in-there'],

  entra_directory_known: ['pass', 'entra.md#several-directories'],
  entra_directory_missing: ['fail', 'entra.md#several-directories'],
  entra_unreachable: ['fail', 'administrators.md#4-settings'],

  entra_redirects_good: ['pass', 'entra.md#in-the-portal'],
  entra_redirects_unclear: ['unknown', 'entra.md#in-the-portal'],
  entra_redirect_missing: ['fail', 'entra.md#in-the-portal'],
  entra_app_redirect_missing: ['pass', 'apps.md#apps'],
  entra_redirect_not_spa: ['fail', 'entra.md#in-the-portal'],
  entra_broker_missing: ['fail', 'entra.md#in-the-portal'],
  entra_broker_first: ['fail', 'entra.md#in-the-portal'],

  entra_secret_accepted: ['pass', 'administrators.md#11-calendars-of-microsoft-365'],
  entra_secret_none: ['unknown', 'administrators.md#11-calendars-of-microsoft-365'],
  entra_secret_wrong: ['fail', 'key-rotation.md#the-secret-at-entra'],
  entra_secret_expired: ['fail', 'key-rotation.md#the-secret-at-entra'],
  entra_application_missing: ['fail', 'entra.md#in-the-portal'],
  entra_application_disabled: ['fail', 'entra.md#in-the-portal'],
  entra_refuses: ['unknown', 'entra.md#in-the-portal'],
  entra_silent: ['unknown', 'entra.md#in-the-portal'],

  entra_token_good: ['pass', 'entra.md#in-the-portal'],
  entra_token_version: ['fail', 'entra.md#in-the-portal'],
  entra_token_other: ['fail', 'entra.md#in-the-portal'],
  entra_api_missing: ['fail', 'entra.md#in-the-portal'],
  entra_scope_missing: ['fail', 'entra.md#in-the-portal'],

  entra_registration_good: ['pass', 'entra.md#in-the-portal'],
  entra_registration_closed: ['unknown', 'administrators.md#check-the-deployment'],
  entra_registration_refused: ['unknown', 'administrators.md#check-the-deployment'],
  graph_unreachable: ['fail', 'administrators.md#4-settings'],
  entra_consent_missing: ['fail', 'entra.md#in-the-portal'],
  entra_consent_closed: ['unknown', 'administrators.md#check-the-deployment'],

  zoom_good: ['pass', 'zoom.md#the-accounts-app'],
  zoom_options_missing: ['pass', 'zoom.md#the-accounts-app'],
  zoom_scopes_missing: ['fail', 'zoom.md#the-accounts-app'],
  zoom_refused: ['fail', 'zoom.md#the-accounts-app'],
  zoom_unreachable: ['fail', 'zoom.md#the-accounts-app'],

  zoom_user_good: ['pass', 'zoom.md#zoom-accounts-that-people-connect'],
  zoom_user_refused: ['fail', 'zoom.md#zoom-accounts-that-people-connect'],
  zoom_user_other_type: ['fail', 'zoom.md#zoom-accounts-that-people-connect'],
  zoom_user_redirect_missing: ['fail', 'zoom.md#zoom-accounts-that-people-connect'],
  zoom_app_redirect_missing: ['pass', 'apps.md#apps'],
  zoom_user_redirect_unclear: ['unknown', 'zoom.md#zoom-accounts-that-people-connect'],
  zoom_user_scopes_good: ['pass', 'zoom.md#zoom-accounts-that-people-connect'],
  zoom_user_scopes_missing: ['fail', 'zoom.md#zoom-accounts-that-people-connect'],
  zoom_user_scopes_unseen: ['unknown', 'zoom.md#zoom-accounts-that-people-connect'],

  webhook_good: ['pass', 'administrators.md#calendar-sync'],
  webhook_inside: ['unknown', 'administrators.md#calendar-sync'],
  webhook_blocked: ['fail', 'administrators.md#calendar-sync'],
  webhook_secret: ['fail', 'zoom.md#zooms-events'],

  database_good: ['pass', 'administrators.md#3-run-the-service'],
  database_old: ['fail', 'administrators.md#3-run-the-service'],
  database_slow: ['fail', 'administrators.md#3-run-the-service'],
  database_tables: ['fail', 'upgrade.md#if-the-new-version-does-not-start'],
  database_unreachable: ['fail', 'administrators.md#3-run-the-service'],
  database_in_use: ['unknown', 'administrators.md#check-the-deployment'],

  vault_good: ['pass', 'key-rotation.md#the-key-of-the-vault'],
  vault_key_missing: ['fail', 'key-rotation.md#the-key-of-the-vault'],
  vault_key_other: ['fail', 'key-rotation.md#the-key-of-the-vault'],
  vault_key_retired: ['fail', 'key-rotation.md#the-key-of-the-vault'],
  vault_key_closed: ['fail', 'key-rotation.md#a-key-in-azure-key-vault'],
  vault_refused: ['fail', 'administrators.md#a-key-in-azure-key-vault'],
  vault_unreachable: ['fail', 'administrators.md#a-key-in-azure-key-vault'],

  subscriptions_good: ['pass', 'administrators.md#calendar-sync'],
  subscriptions_late: ['fail', 'administrators.md#calendar-sync'],
  subscriptions_failing: ['fail', 'administrators.md#calendar-sync'],

  clock_right: ['pass', 'administrators.md#3-run-the-service'],
  clock_wrong: ['fail', 'administrators.md#3-run-the-service'],
  clock_unknown: ['unknown', 'administrators.md#3-run-the-service'],

  exchange_good: ['pass', 'exchange-server.md#1-the-certificate-that-signs-tokens'],
  exchange_unreachable: ['fail', 'administrators.md#6-exchange-servers-of-your-own'],
  exchange_certificate: ['fail', 'exchange-server.md#2-the-certificate-of-the-address'],
  exchange_no_key: ['fail', 'exchange-server.md#1-the-certificate-that-signs-tokens'],
  exchange_ends: ['fail', 'exchange-server.md#1-the-certificate-that-signs-tokens'],
  exchange_ended: ['fail', 'exchange-server.md#1-the-certificate-that-signs-tokens'],

  service_account_good: ['pass', 'administrators.md#a-service-account-instead-of-passwords'],
  service_account_needless: ['pass', 'administrators.md#a-service-account-instead-of-passwords'],
  service_account_unused: ['unknown', 'administrators.md#a-service-account-instead-of-passwords'],
  service_account_none: ['fail', 'administrators.md#a-service-account-instead-of-passwords'],
  service_account_refused: ['fail', 'administrators.md#a-service-account-instead-of-passwords'],

  mailbox_closed: ['fail', 'exchange-online.md#exchange-online-only-some-calendars'],
  mailbox_missing: ['fail', 'administrators.md#mailboxes-that-you-connect'],
  mailbox_unclear: ['unknown', 'administrators.md#mailboxes-that-you-connect'],
  scope_good: ['pass', 'exchange-online.md#exchange-online-only-some-calendars'],
  scope_open: ['fail', 'exchange-online.md#exchange-online-only-some-calendars'],
  room_good: ['pass', 'rooms.md#keep-the-link'],
  room_empty: ['unknown', 'rooms.md#keep-the-link'],
  room_text: ['fail', 'rooms.md#keep-the-link'],
  room_title: ['fail', 'rooms.md#keep-the-link'],
  room_organiser: ['fail', 'rooms.md#keep-the-link'],
} as const satisfies Record<string, readonly [State, string]>

export type FindingName = keyof typeof findings

/** One line of the doctor. `values`: what its sentences name; never a secret. */
export interface Finding {
  check: CheckName
  finding: FindingName
  values: Readonly<Record<string, string | number>>
}

/**
 * What was found, and its fix if there is something to mend, in one sentence each. `{name}` stands for a value of the
 * finding.
 */
export type FindingTexts = {
  [Name in FindingName]: (typeof findings)[Name][0] extends 'pass'
    ? readonly [says: string]
    : readonly [says: string, fix: string]
}

/** What a language says. */
export interface DoctorTexts {
  checks: Record<CheckName, string>
  states: Record<State, string>
  /** `{count}` lines have a `{state}`. */
  counted: string
  findings: FindingTexts
}

/** A finding in words. `section`: where the documentation says more. */
export interface Line extends Omit<Finding, 'values'> {
  state: State
  title: string
  says: string
  fix?: string
  section: string
}

export function inWords(texts: DoctorTexts, { check, finding, values }: Finding): Line {
  const { checks } = texts
  const name = (key: string) => (key in checks ? checks[key as CheckName] : key)
  const filled = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, key: string) =>
      key === 'before' ? name(String(values[key])) : String(values[key] ?? ''),
    )
  const [state, section] = findings[finding]
  const [says, fix] = texts.findings[finding]
  return {
    check,
    finding,
    state,
    title: checks[check],
    says: filled(says),
    ...(fix && { fix: filled(fix) }),
    section: `docs/${section}`,
  }
}

/** How many lines have a state. */
export const countOf = (
  { counted, states }: DoctorTexts,
  state: State,
  count: number,
  name = states[state],
) => counted.replace('{count}', String(count)).replace('{state}', name)

/** What fails comes last: the end is what a terminal shows. `paint` adds colours. */
export function asText(
  texts: DoctorTexts,
  lines: readonly Line[],
  paint = (_state: State, said: string) => said,
): string {
  const by = states.map((state) => {
    const said = texts.states[state]
    const name = paint(state, state === 'fail' ? said.toUpperCase() : said)
    return { state, name, all: lines.filter((line) => line.state === state) }
  })
  return [
    ...by.flatMap(({ name, all }) =>
      all.flatMap(({ title, says, fix, section }) => [
        `${name}  ${title} – ${says}`,
        ...(fix ? [`    ${fix} (${section})`] : []),
      ]),
    ),
    '',
    by.map(({ state, name, all }) => countOf(texts, state, all.length, name)).join(', '),
  ].join('\n')
}
