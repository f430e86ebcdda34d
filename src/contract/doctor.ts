/** What `doctor` looks at, from the outside in. */
export const checkNames = ['settings', 'dns', 'tls', 'manifest'] as const
export type CheckName = (typeof checkNames)[number]

/** `unknown`: cannot tell from here. */
export type State = 'pass' | 'fail' | 'unknown'

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
  tls_expired: ['fail', '3-run-the-service'],
  tls_ends: ['fail', '3-run-the-service'],
  tls_other_name: ['fail', '3-run-the-service'],
  tls_old: ['fail', '3-run-the-service'],

  manifest_same: ['pass', '5-deploy-the-add-in'],
  manifest_missing: ['fail', '5-deploy-the-add-in'],
  manifest_other: ['fail', '5-deploy-the-add-in'],
} as const satisfies Record<string, readonly [State, string]>

export type FindingName = keyof typeof findings

/** One line of the doctor. `values`: what its sentences name; never a secret. */
export interface Finding {
  check: CheckName
  finding: FindingName
  values: Readonly<Record<string, string | number>>
}

/** The languages of the doctor. */
export const doctorLanguages = ['en', 'fr'] as const
export type DoctorLanguage = (typeof doctorLanguages)[number]

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

/** A finding in words. */
export function inWords({ checks, findings }: DoctorTexts, { check, finding, values }: Finding) {
  const name = (key: string) => (key in checks ? checks[key as CheckName] : key)
  const filled = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, key: string) =>
      key === 'before' ? name(String(values[key])) : String(values[key] ?? ''),
    )
  const [says, fix] = findings[finding]
  return { title: checks[check], says: filled(says), ...(fix && { fix: filled(fix) }) }
}
