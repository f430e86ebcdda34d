import type { DoctorTexts } from './doctor.ts'

export const english: DoctorTexts = {
  checks: {
    settings: 'Settings',
    dns: 'Name of the service',
    tls: 'TLS',
    manifest: 'Manifest',
  },
  states: { pass: 'pass', fail: 'fail', unknown: 'cannot tell from here' },
  findings: {
    waits: ['This was not checked, because “{before}” does not pass.', 'Mend “{before}” first.'],
    late: [
      'There was no answer within {seconds} seconds.',
      'Run doctor again; if it stays so, look whether a firewall drops the connection.',
    ],
    broken: ['The check itself failed.', 'Run doctor again, and report it if it stays so.'],

    setting_wrong: ['{fault}.', 'Change the setting and start the service again.'],

    dns_found: ['{host} has the address {addresses}.'],
    dns_missing: [
      'The name {host} does not exist.',
      'Create a DNS record for {host}, or correct PUBLIC_URL.',
    ],
    dns_silent: [
      'The name server of this machine does not answer for {host}.',
      'Run doctor on a machine with a working name server.',
    ],

    tls_good: ['{version}; the certificate is trusted and is valid for {days} more days.'],
    tls_unreachable: [
      'Nothing accepts connections at {host}, port {port}.',
      'Start the proxy in front of the service, and open port {port} in the firewall.',
    ],
    tls_refused: [
      '{host} does not complete a TLS handshake.',
      'Let the proxy speak TLS 1.2 or 1.3 at port {port}.',
    ],
    tls_chain: [
      'The proxy does not send the whole chain of its certificate.',
      'Give the proxy the certificate together with the intermediate certificates.',
    ],
    tls_untrusted: [
      'The certificate is from an authority that is not trusted.',
      'Get a certificate from a public authority, because Microsoft and Zoom trust no other.',
    ],
    tls_expired: ['The certificate is not valid any more.', 'Renew the certificate of {host}.'],
    tls_ends: ['The certificate ends in {days} days.', 'Renew the certificate of {host}.'],
    tls_other_name: [
      'The certificate is not for {host}.',
      'Get a certificate that names {host}, or correct PUBLIC_URL.',
    ],
    tls_old: [
      'The proxy accepts {version}, which is not safe.',
      'Let the proxy accept TLS 1.2 or later only.',
    ],

    manifest_same: ['The manifests are those of this version, {version}.'],
    manifest_missing: [
      '{path} is answered with the status {status}.',
      'Let the proxy pass every path of {host} to the service, without a sign-in before it.',
    ],
    manifest_other: [
      '{path} is not the manifest of this service.',
      'Let PUBLIC_URL and the proxy name the same service, and start every process with this version.',
    ],
  },
}
