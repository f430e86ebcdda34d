import type { DoctorTexts } from './doctor.ts'

export const english: DoctorTexts = {
  checks: {
    settings: 'Settings',
    dns: 'Name of the service',
    tls: 'TLS',
    service: 'Service behind the proxy',
    manifest: 'Manifest',
    wellKnown: 'Allowed scripts',
    frames: 'Outlook may show the pages',
    entraDirectory: 'Entra: directory',
    entraRedirects: 'Entra: redirect addresses',
    entraSecret: 'Entra: client secret',
    entraToken: 'Entra: token round trip',
    entraRegistration: 'Entra: registration and consent',
    zoomApp: 'Zoom: app and scopes',
    zoomUserApp: 'Zoom: user-managed app',
    zoomUserScopes: 'Zoom: scopes of the user-managed app',
    graphWebhook: 'Notifications of Microsoft',
    zoomWebhook: 'Events of Zoom',
    zoomUserWebhook: 'Events of the user-managed app',
    database: 'Database',
    vault: 'Vault keys',
    subscriptions: 'Subscriptions',
    clock: 'Clock',
    exchange: 'Exchange servers',
    exchangeCalls: 'Calls of Exchange servers',
    serviceAccounts: 'Service accounts of Exchange servers',
    scope: 'Scope of the application',
    room: 'Room',
  },
  states: { pass: 'pass', fail: 'fail', unknown: 'cannot tell from here' },
  counted: '{count} {state}',
  findings: {
    waits: ['This was not checked, because “{before}” does not pass.', 'Mend “{before}” first.'],
    late: [
      'There was no answer within {seconds} seconds.',
      'Run doctor again; if it stays so, look whether a firewall drops the connection.',
    ],
    broken: ['The check itself failed.', 'Run doctor again, and report it if it stays so.'],

    setting_wrong: ['{fault}.', 'Correct the setting and start the service again.'],
    setting_missing: ['{fault}.', 'Set it; the guide says where the value comes from.'],
    settings_absent: [
      'None of the service’s settings is here.',
      'Run doctor where the service runs, with its settings; in a container by “docker compose exec”.',
    ],

    dns_found: ['{host} has the address {addresses}.'],
    dns_missing: [
      'The name {host} does not exist.',
      'Create a DNS record for {host}, or correct PUBLIC_URL.',
    ],
    dns_silent: [
      'The name server of this machine does not answer for {host}.',
      'Run doctor on a machine with a working name server.',
    ],

    tls_good: ['{version}; the certificate is trusted. Days for which it is valid: {days}.'],
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
    tls_early: [
      'The certificate is not valid yet.',
      'Synchronise the clock of this machine by NTP, or wait until the certificate is valid.',
    ],
    tls_expired: ['The certificate is not valid any more.', 'Renew the certificate of {host}.'],
    tls_ends: ['The certificate ends soon. Days left: {days}.', 'Renew the certificate of {host}.'],
    tls_other_name: [
      'The certificate is not for {host}.',
      'Get a certificate that names {host}, or correct PUBLIC_URL.',
    ],
    tls_old: [
      'The proxy accepts {version}, which is not safe.',
      'Let the proxy accept TLS 1.2 or later only.',
    ],

    service_answers: ['The service answers at {host}.'],
    service_silent: [
      'The proxy at {host} gets no answer of the service (status {status}).',
      'Start the service, and let the proxy pass requests to its PORT.',
    ],
    service_other: [
      'The pages of the add-in are answered with the status {status} at {host}.',
      'Let the proxy pass every path of {host} to the service, without a sign-in before it.',
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

    well_known_good: ['The file names every script of this service ({count}).'],
    well_known_missing: [
      '{path} is answered with the status {status}.',
      'Let the proxy pass /.well-known/ of {host} to the service.',
    ],
    well_known_other: [
      '{path} does not name the scripts of this service.',
      'Let the proxy pass {path} to the service, and let no other file answer there.',
    ],
    frames_good: ['Every Outlook on the web of this deployment may show the pages ({count}).'],
    frames_missing: ['The pages may not be shown by {outlooks}.', 'Add {outlooks} to FRAME_ANCESTORS.'],
    frames_twice: [
      'The proxy adds a content security policy of its own, by which {outlooks} may not show the pages.',
      'Remove the header Content-Security-Policy that the proxy adds.',
    ],
    frames_refused: [
      'The proxy adds X-Frame-Options, so no Outlook shows the pages.',
      'Remove the header X-Frame-Options from the proxy.',
    ],
    frames_open: [
      'The proxy removes the content security policy, so any page could show ours.',
      'Let the proxy pass the header Content-Security-Policy.',
    ],
    frames_other_cloud: [
      'Microsoft lists the Outlooks of this cloud nowhere.',
      'Open the add-in in Outlook on the web, and add its origin to FRAME_ANCESTORS if the pane stays empty.',
    ],
    frames_server: [
      'The pages may not be shown by {servers}, where Exchange servers usually have Outlook on the web.',
      'Add {servers} to FRAME_ANCESTORS, unless people open Outlook on the web at another address that it has.',
    ],
    entra_directory_known: ['Entra knows every directory of ENTRA_TENANTS ({count}).'],
    entra_directory_missing: [
      'Entra does not know the directory {directory}.',
      'Correct the directory id in ENTRA_TENANTS, or ENTRA_AUTHORITY.',
    ],
    entra_unreachable: [
      '{authority} does not answer.',
      'Let the service reach {authority} through the firewall.',
    ],
    entra_redirects_good: ['Entra redirects to every page of this service ({count}).'],
    entra_redirects_unclear: [
      'The sign-in page of Entra does not say whether the redirect addresses are registered.',
      'Compare the redirect addresses of the application in the Entra admin centre with the docs.',
    ],
    entra_redirect_missing: [
      'The redirect address {address} is not registered.',
      'Add {address} to the single-page platform of the application.',
    ],
    entra_app_redirect_missing: [
      'Entra redirects to every page of this service, but not to {address}: nobody signs in to apps there.',
    ],
    entra_redirect_not_spa: [
      '{address} is registered for another platform.',
      'Move {address} to the single-page platform of the application.',
    ],
    entra_broker_missing: [
      '{address} is not registered, so nobody signs in within Outlook.',
      'Add {address} to the single-page platform, as the last address.',
    ],
    entra_broker_first: [
      '{address} is the first redirect address, so an administrator’s consent can fail.',
      'Put an https address first.',
    ],
    entra_secret_accepted: ['Entra accepts ENTRA_CLIENT_SECRET.'],
    entra_secret_none: [
      'There is no ENTRA_CLIENT_SECRET, so Entra gives the service no token to look at.',
      'Set ENTRA_CLIENT_SECRET if people are to connect calendars. The add-in works without it.',
    ],
    entra_secret_wrong: [
      'Entra refuses ENTRA_CLIENT_SECRET.',
      'Copy the value of the secret, not its id, into ENTRA_CLIENT_SECRET.',
    ],
    entra_secret_expired: [
      'The client secret has expired.',
      'Create another client secret, and set ENTRA_CLIENT_SECRET to its value.',
    ],
    entra_application_missing: [
      'The directory {directory} does not have the application {application}.',
      'Grant admin consent for the application in that directory, or correct ENTRA_CLIENT_ID.',
    ],
    entra_application_disabled: [
      'The application {application} is disabled in the directory.',
      'Enable sign-in for users in the properties of the enterprise application.',
    ],
    entra_refuses: [
      'Entra refuses the application with AADSTS{code}.',
      'Look up AADSTS{code} in Microsoft’s list of error codes.',
    ],
    entra_silent: ['Entra’s token endpoint does not answer.', 'Run doctor again in a few minutes.'],
    entra_token_good: ['A token for the add-in’s API is of version 2.0, and its signature is right.'],
    entra_token_version: [
      'Tokens for the add-in’s API are of version {version}.',
      'Set requestedAccessTokenVersion to 2 in the manifest of the application.',
    ],
    entra_token_other: [
      'Entra’s token is for another audience, from another issuer, or signed with a key that it does not publish.',
      'Correct ENTRA_AUTHORITY and ENTRA_CLIENT_ID.',
    ],
    entra_api_missing: [
      'The application has no API with the URI api://{application}.',
      'Expose an API with the application ID URI api://{application}.',
    ],
    entra_scope_missing: [
      'The scope access_as_user is not exposed, or is disabled.',
      'Add the scope access_as_user to the API of the application, and enable it.',
    ],
    entra_registration_good: ['Redirect addresses, API, token version and consent are right.'],
    entra_registration_closed: [
      'The service may not read its registration, and needs no such permission.',
      'Give doctor your own token for Microsoft Graph with --graph-token-file.',
    ],
    entra_registration_refused: [
      'Microsoft Graph does not let this token read the registration (status {status}).',
      'Get a new token for Microsoft Graph, as somebody who may read applications in the directory of the application.',
    ],
    graph_unreachable: [
      '{address} does not answer.',
      'Let the service reach {address} through the firewall.',
    ],
    entra_consent_missing: [
      'There is no admin consent for {scopes}.',
      'Grant admin consent for {scopes} under API permissions.',
    ],
    entra_consent_closed: [
      'The token may not read what was consented to.',
      'Look under API permissions of the application whether admin consent is granted.',
    ],
    zoom_good: ['Zoom gives a token, and no scope is missing.'],
    zoom_options_missing: ['Zoom gives a token; without {scopes}, some options of meetings are not offered.'],
    zoom_scopes_missing: ['The app at Zoom lacks {scopes}.', 'Add {scopes} to the server-to-server app.'],
    zoom_refused: [
      'Zoom refuses the app.',
      'Correct ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET, and activate the app.',
    ],
    zoom_unreachable: ['{address} does not answer.', 'Let the service reach {address} through the firewall.'],
    zoom_user_good: ['Zoom accepts the app’s id and secret, and shows its sign-in page for {address}.'],
    zoom_user_refused: [
      'Zoom refuses the user-managed app.',
      'Correct ZOOM_USER_CLIENT_ID and ZOOM_USER_CLIENT_SECRET: both are on the same page of the app.',
    ],
    zoom_user_other_type: [
      'The app of ZOOM_USER_CLIENT_ID is not a user-managed one.',
      'Create a General App that is user-managed, and set ZOOM_USER_CLIENT_ID and ZOOM_USER_CLIENT_SECRET to its own values.',
    ],
    zoom_user_redirect_missing: [
      'The redirect address {address} is not registered at the user-managed app.',
      'Add {address} to the app, as its redirect address and in its allow list.',
    ],
    zoom_app_redirect_missing: [
      'Zoom accepts the app, but not the redirect address {address}: nobody signs in to apps at Zoom.',
    ],
    zoom_user_redirect_unclear: [
      'Zoom accepts the app’s id and secret; its sign-in page does not say whether {address} is registered.',
      'Look whether {address} is the redirect address of the app.',
    ],
    zoom_user_scopes_good: ['Zoom gave tokens with every needed scope in the last day ({count}).'],
    zoom_user_scopes_missing: [
      'Connections that ended because the app lacks a scope: {count}.',
      'Add the scopes of the guide to the user-managed app; then these people connect again in the pane.',
    ],
    zoom_user_scopes_unseen: [
      'Zoom shows the scopes of this app only when somebody connects, and nobody has a token of the last day.',
      'Connect a Zoom account of your own in the pane, and run doctor again.',
    ],
    webhook_good: ['The service answers at {host} as {vendor} expects.'],
    webhook_inside: [
      'The service answers as {vendor} expects, but {host} has a private address here.',
      'Run doctor from outside your network.',
    ],
    webhook_blocked: [
      '{path} is answered with the status {status}.',
      'Let the proxy pass {path} of {host} to the service, without a sign-in before it.',
    ],
    webhook_secret: [
      'The running service has another secret token than {setting} here.',
      'Copy the secret token of the app into {setting}, and start every process again.',
    ],
    database_good: ['PostgreSQL {version} answers in {milliseconds} ms.'],
    database_old: [
      'PostgreSQL {version} is older than {oldest}.',
      'Upgrade PostgreSQL to version {oldest} or later.',
    ],
    database_slow: [
      'PostgreSQL answers in {milliseconds} ms.',
      'Run the database in the same region and network as the service.',
    ],
    database_tables: [
      'The tables are not those of this version.',
      'Start this version of the service once, which updates them.',
    ],
    database_unreachable: [
      'The database cannot be opened ({reason}).',
      'Correct DATABASE_URL or DATA_DIR, and let the service reach the database.',
    ],
    database_in_use: [
      'The embedded database can be opened by one process only, and the service has it open.',
      'Stop the service while doctor runs, or run the service on PostgreSQL.',
    ],
    vault_good: ['The active key is “{key}”. Every key that stored credentials need opens them.'],
    vault_key_missing: [
      'Stored credentials need the key “{key}” ({count}), and VAULT_KEYS does not have it.',
      'Add the key “{key}” to VAULT_KEYS again, after the first one.',
    ],
    vault_key_other: [
      'The key “{key}” is not the one that encrypted the stored credentials under that name.',
      'Put the earlier key “{key}” into VAULT_KEYS again, and give a new key a new name.',
    ],
    vault_key_retired: [
      'Administrators have retired the active key “{key}”.',
      'Put another key first in VAULT_KEYS, or name another one in VAULT_AZURE_KEY.',
    ],
    vault_key_closed: [
      'Azure Key Vault does not let the service use the key “{key}”, which stored credentials need.',
      'Enable that version again, until no stored credential needs it.',
    ],
    vault_refused: [
      'Azure Key Vault does not let the service use VAULT_AZURE_KEY.',
      'Check the key, VAULT_AZURE_CLIENT_ID and its secret, and its permissions wrapKey and unwrapKey.',
    ],
    vault_unreachable: [
      '{address}, or Entra’s token endpoint for it, does not answer.',
      'Let the service reach {address} and Entra through the firewall.',
    ],

    subscriptions_good: ['Every subscription at Microsoft Graph is renewed ({count}).'],
    subscriptions_late: [
      'Subscriptions that have ended: {late} of {count}.',
      'Read the log for “work failed” with work “watches”, and start the service if it does not run.',
    ],
    subscriptions_failing: [
      'Calendars that cannot be followed now: {failing} of {count}.',
      'Read the page Sync of the console, which names each of them.',
    ],
    clock_right: ['The clock differs from Microsoft’s and Zoom’s by at most {seconds} s.'],
    clock_wrong: [
      'The clock of this machine differs from that of {system} by {seconds} s.',
      'Synchronise the clock by NTP.',
    ],
    clock_unknown: [
      'Neither Microsoft nor Zoom says the time.',
      'Compare the clock with another one, or synchronise it by NTP.',
    ],
    exchange_good: ['{server} has a valid signing certificate. Days for which it is valid: {days}.'],
    exchange_unreachable: [
      'The metadata of {server} cannot be fetched ({reason}).',
      'Let the service reach {server}, or give metadataFile in EXCHANGE.',
    ],
    exchange_certificate: [
      '{server} shows a certificate that is not trusted, so nothing is asked of it: it has ended, it is for another name, ca does not vouch for it, or tlsPins does not have it.',
      'Compare it with the certificate of {server}. If that was renewed, add its SHA-256 to tlsPins, or its authority to ca, and restart the service.',
    ],
    exchange_no_key: [
      '{server} publishes no signing certificate that EXCHANGE allows.',
      'Correct the pins of {server} in EXCHANGE, or renew its certificate.',
    ],
    exchange_ends: [
      'The signing certificate of {server} ends soon. Days left: {days}.',
      'Renew the authentication certificate of {server}.',
    ],
    exchange_ended: [
      'The signing certificate of {server} has ended.',
      'Renew the authentication certificate of {server}.',
    ],
    service_account_good: [
      'The service account of {server} opens mailboxes: {count}. The server has refused it at no use.',
    ],
    service_account_needless: ['No policy lets a service account open mailboxes on {server}.'],
    service_account_unused: [
      '{server} has a service account, and no mailbox uses it. Whether the server still accepts it is not known.',
      'Connect a mailbox, or save the account again in the console under Mailboxes.',
    ],
    service_account_none: [
      'A policy lets a service account open mailboxes, and {server} has none.',
      'Save one in the console under Mailboxes, or change the policy exchangeAccess.',
    ],
    service_account_refused: [
      '{server} refused the password of its service account, which was deleted.',
      'Save the account again in the console under Mailboxes.',
    ],
    mailbox_closed: [
      'The application may not open the calendar of {mailbox}.',
      'Grant the application Calendars.Read for a scope that has {mailbox}.',
    ],
    mailbox_missing: [
      'Microsoft Graph knows no calendar of {mailbox}.',
      'Correct the address: it must be of a mailbox in Exchange Online.',
    ],
    mailbox_unclear: [
      'Microsoft Graph does not say whether the application may open the calendar of {mailbox}.',
      'Run doctor again in a few minutes.',
    ],
    scope_good: ['The application opens the calendars that it must, and none outside of its scope.'],
    scope_open: [
      'The application may open the calendar of {mailbox}, which is outside of its scope.',
      'Limit the application in Exchange Online, and remove its unlimited permission in Entra, which counts too.',
    ],
    room_good: ['{room} keeps the title and the text of what it accepts (looked at: {count}).'],
    room_empty: [
      '{room} has accepted nothing that could be looked at.',
      'Invite the room to a meeting with a title and a text, and run doctor again.',
    ],
    room_text: [
      'Nothing that {room} has accepted has a text (looked at: {count}).',
      'Run Set-CalendarProcessing -Identity {room} -DeleteComments $false.',
    ],
    room_title: [
      'Nothing that {room} has accepted has its own title (looked at: {count}).',
      'Run Set-CalendarProcessing -Identity {room} -DeleteSubject $false -AddOrganizerToSubject $false.',
    ],
    room_organiser: [
      'Every title at {room} begins with the name of the organiser (looked at: {count}).',
      'Run Set-CalendarProcessing -Identity {room} -AddOrganizerToSubject $false.',
    ],
  },
}
