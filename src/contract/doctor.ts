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
  'graphWebhook',
  'zoomWebhook',
  'database',
  'subscriptions',
  'clock',
  'exchange',
  'scope',
  'room',
] as const
export type CheckName = (typeof checkNames)[number]

/** `unknown`: cannot tell from here. */
const states = ['pass', 'unknown', 'fail'] as const
export type State = (typeof states)[number]

/** Everything that a check can find: its state, and where docs/administrators.md says more. */
export const findings = {
  waits: ['unknown', 'check-the-deployment'],
  late: ['unknown', 'check-the-deployment'],
  broken: ['unknown', 'check-the-deployment'],

  setting_wrong: ['fail', '4-settings'],

  dns_found: ['pass', '3-run-the-service'],
  dns_missing: ['fail', '3-run-the-service'],
  dns_silent: ['unknown', '3-run-the-service'],

  tls_good: ['pass', '3-run-the-service'],
  tls_unreachable: ['fail', '3-run-the-service'],
  tls_refused: ['fail', '3-run-the-service'],
  tls_chain: ['fail', '3-run-the-service'],
  tls_untrusted: ['fail', '3-run-the-service'],
  tls_early: ['fail', '3-run-the-service'],
  tls_expired: ['fail', '3-run-the-service'],
  tls_ends: ['fail', '3-run-the-service'],
  tls_other_name: ['fail', '3-run-the-service'],
  tls_old: ['fail', '3-run-the-service'],

  service_answers: ['pass', '3-run-the-service'],
  service_silent: ['fail', '3-run-the-service'],
  service_other: ['fail', '3-run-the-service'],

  manifest_same: ['pass', '5-deploy-the-add-in'],
  manifest_missing: ['fail', '5-deploy-the-add-in'],
  manifest_other: ['fail', '5-deploy-the-add-in'],

  well_known_good: ['pass', '5-deploy-the-add-in'],
  well_known_missing: ['fail', '5-deploy-the-add-in'],
  well_known_other: ['fail', '5-deploy-the-add-in'],

  frames_good: ['pass', '4-settings'],
  frames_missing: ['fail', '4-settings'],
  frames_twice: ['fail', '3-run-the-service'],
  frames_refused: ['fail', '3-run-the-service'],
  frames_open: ['fail', '3-run-the-service'],
  frames_other_cloud: ['unknown', '4-settings'],

  entra_directory_known: ['pass', '1-register-an-application-in-entra-id'],
  entra_directory_missing: ['fail', '4-settings'],
  entra_unreachable: ['fail', '4-settings'],

  entra_redirects_good: ['pass', '1-register-an-application-in-entra-id'],
  entra_redirects_unclear: ['unknown', '1-register-an-application-in-entra-id'],
  entra_redirect_missing: ['fail', '1-register-an-application-in-entra-id'],
  entra_redirect_not_spa: ['fail', '1-register-an-application-in-entra-id'],
  entra_broker_missing: ['fail', '1-register-an-application-in-entra-id'],
  entra_broker_first: ['fail', '1-register-an-application-in-entra-id'],

  entra_secret_accepted: ['pass', '11-calendars-of-microsoft-365'],
  entra_secret_none: ['unknown', '11-calendars-of-microsoft-365'],
  entra_secret_wrong: ['fail', '11-calendars-of-microsoft-365'],
  entra_secret_expired: ['fail', '11-calendars-of-microsoft-365'],
  entra_application_missing: ['fail', '1-register-an-application-in-entra-id'],
  entra_application_disabled: ['fail', '1-register-an-application-in-entra-id'],
  entra_refuses: ['unknown', '1-register-an-application-in-entra-id'],
  entra_silent: ['unknown', '1-register-an-application-in-entra-id'],

  entra_token_good: ['pass', '1-register-an-application-in-entra-id'],
  entra_token_version: ['fail', '1-register-an-application-in-entra-id'],
  entra_token_other: ['fail', '1-register-an-application-in-entra-id'],
  entra_api_missing: ['fail', '1-register-an-application-in-entra-id'],
  entra_scope_missing: ['fail', '1-register-an-application-in-entra-id'],

  entra_registration_good: ['pass', '1-register-an-application-in-entra-id'],
  entra_registration_closed: ['unknown', 'check-the-deployment'],
  entra_registration_refused: ['unknown', 'check-the-deployment'],
  graph_unreachable: ['fail', '4-settings'],
  entra_consent_missing: ['fail', '1-register-an-application-in-entra-id'],
  entra_consent_closed: ['unknown', 'check-the-deployment'],

  zoom_good: ['pass', '2-create-an-app-in-zoom'],
  zoom_options_missing: ['pass', '2-create-an-app-in-zoom'],
  zoom_scopes_missing: ['fail', '2-create-an-app-in-zoom'],
  zoom_refused: ['fail', '2-create-an-app-in-zoom'],
  zoom_unreachable: ['fail', '2-create-an-app-in-zoom'],

  webhook_good: ['pass', 'calendar-sync'],
  webhook_inside: ['unknown', 'calendar-sync'],
  webhook_blocked: ['fail', 'calendar-sync'],
  webhook_secret: ['fail', 'changes-in-zoom'],

  database_good: ['pass', '3-run-the-service'],
  database_old: ['fail', '3-run-the-service'],
  database_slow: ['fail', '3-run-the-service'],
  database_tables: ['fail', '3-run-the-service'],
  database_unreachable: ['fail', '3-run-the-service'],
  database_in_use: ['unknown', 'check-the-deployment'],

  subscriptions_good: ['pass', 'calendar-sync'],
  subscriptions_late: ['fail', 'calendar-sync'],
  subscriptions_failing: ['fail', 'calendar-sync'],

  clock_right: ['pass', '3-run-the-service'],
  clock_wrong: ['fail', '3-run-the-service'],
  clock_unknown: ['unknown', '3-run-the-service'],

  exchange_good: ['pass', '6-exchange-servers-of-your-own'],
  exchange_unreachable: ['fail', '6-exchange-servers-of-your-own'],
  exchange_no_key: ['fail', '6-exchange-servers-of-your-own'],
  exchange_ends: ['fail', '6-exchange-servers-of-your-own'],
  exchange_ended: ['fail', '6-exchange-servers-of-your-own'],

  mailbox_closed: ['fail', 'mailboxes-that-you-connect'],
  mailbox_missing: ['fail', 'mailboxes-that-you-connect'],
  mailbox_unclear: ['unknown', 'mailboxes-that-you-connect'],
  scope_good: ['pass', 'mailboxes-that-you-connect'],
  scope_open: ['fail', 'mailboxes-that-you-connect'],
  room_good: ['pass', 'check-the-deployment'],
  room_empty: ['unknown', 'check-the-deployment'],
  room_text: ['fail', 'check-the-deployment'],
  room_title: ['fail', 'check-the-deployment'],
  room_organiser: ['fail', 'check-the-deployment'],
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
    section: `docs/administrators.md#${section}`,
  }
}

/** What fails comes last: the end is what a terminal shows. `paint` adds colours. */
export function asText(
  texts: DoctorTexts,
  lines: readonly Line[],
  paint = (_state: State, said: string) => said,
): string {
  const by = states.map((state) => {
    const said = texts.states[state]
    const name = paint(state, state === 'fail' ? said.toUpperCase() : said)
    return { name, all: lines.filter((line) => line.state === state) }
  })
  return [
    ...by.flatMap(({ name, all }) =>
      all.flatMap(({ title, says, fix, section }) => [
        `${name}  ${title} – ${says}`,
        ...(fix ? [`    ${fix} (${section})`] : []),
      ]),
    ),
    '',
    by.map(({ name, all }) => `${all.length} ${name}`).join(', '),
  ].join('\n')
}
