import { hash } from 'node:crypto'
import { expect, onTestFinished } from 'vitest'
import type { CheckName, FindingName } from '../../../src/contract/doctor.ts'
import { openDatabase } from '../../../src/service/database/open.ts'
import type { SignOptions } from '../../../src/simulator/microsoft/keys.ts'
import { credentials } from '../../../src/simulator/zoom/apps.ts'
import { createDatabase, query } from '../../kit.ts'
import { joan } from '../admin/kit.ts'
import { ada } from '../kit.ts'
import { attic, certificateFor, certificateOf, type Deployment, farAway, linesOf } from './kit.ts'

// The mistakes of an administrator that the doctor finds.

/** A page as a proxy sends it. */
export const page = (policy: string, headers: Record<string, string> = {}) =>
  new Response('', { headers: { 'content-security-policy': policy, ...headers } })

/** The service is to be at another address, and Entra and Zoom know that. */
function movedTo({ entra, redirectsTo }: Deployment, PUBLIC_URL: string) {
  redirectsTo(`${PUBLIC_URL}/link/zoom/callback`)
  const { host } = new URL(PUBLIC_URL)
  redirects(entra, (all) => all.map((uri) => uri.replace(/(?<=:\/\/)[^/]+/, host)))
  return { PUBLIC_URL }
}

/** Changes the redirect addresses of the single-page platform. */
const redirects = (
  { registered }: Deployment['entra'],
  change: (all: readonly string[]) => readonly string[],
) => registered.change({ spa: { redirectUris: change(registered.object().spa.redirectUris) } })

/** A database in which a calendar is followed, with these values. */
const watched = (columns: string, values: string) =>
  databaseWith(`
    with person as (
      insert into callers (subject) values ('entra:${ada.tenantId}:${ada.objectId}') returning id)
    insert into watches (person, subscription, ${columns}) select id, 'one', ${values} from person`)

/** Somebody has connected their own Zoom account, and Zoom gave a token just now. There is no secret. */
export const zoomAccountOf = ({ tenantId, objectId }: typeof ada, state: string) => `
  with added as (
    insert into callers (subject) values ('entra:${tenantId}:${objectId}') on conflict do nothing returning id),
  person as (table added union all select id from callers where subject = 'entra:${tenantId}:${objectId}'),
  credential as (
    insert into credentials (id, person, provider, purpose, version, replaced_at)
    select gen_random_uuid(), id, 'zoom', 'refresh-token', 0, now() from person)
  insert into connections (person, provider, permission, state) select id, 'zoom', 'read-write', '${state}' from person`

/** A database with what no service works on. */
async function databaseWith(statement: string) {
  const DATABASE_URL = await createDatabase()
  const { close } = await openDatabase(DATABASE_URL, '')
  await close()
  await query(DATABASE_URL, statement)
  return { DATABASE_URL }
}

const wantsServiceAccounts = `
  insert into policies (organisation, rank, name, value)
  values ('entra:${ada.tenantId}', 0, 'exchangeAccess', 'service-account')`

/** What names the only server of a setting. */
const serverIn = (setting: string) => hash('sha256', JSON.parse(setting)[0].metadataUrl, 'base64url')

/** The database says of itself that it is PostgreSQL 12. */
const olderPostgres = `
  create function current_setting(name text) returns text stable language sql as $$
    select case name when 'server_version' then '12.22' else pg_catalog.current_setting(name) end $$;
  do $$ begin
    execute format('alter database %I set search_path = public, pg_catalog', current_database());
  end $$`

/** A credential that this key is said to have encrypted. */
const encryptedBy = (key: string, bytes = 60) => `
  insert into credentials (id, organisation, caller, provider, purpose, version, key_id, wrapped, sealed, replaced_at)
  values (gen_random_uuid(), 'contoso', 'app:doctor', 'zoom', 'refresh-token', 1,
    '${key}', decode(repeat('a5', ${bytes}), 'hex'), decode(repeat('a5', 40), 'hex'), now())`

/** How the vault names a version of a key in Azure Key Vault. */
function idOf(address: string): string {
  const [version, name] = address.split('/').reverse()
  return `azure:${name}:${version}`
}

/** Entra gives every application this token: ada's, but for some claims and how it is signed. */
async function gives({ entra, faults }: Deployment, claims: object, options?: SignOptions) {
  const access_token = await entra.sign({ ...entra.claims(ada), ...claims }, options)
  const body = { token_type: 'Bearer', access_token, expires_in: 3600 }
  faults.add({ vendor: 'entra', match: '/oauth2/v2.0/token', status: 200, body, times: 'always' })
}

/**
 * What is wrong, how that is planted, each check that fails and what it finds, words of the fix, and what the doctor is
 * asked besides. Every other check passes or cannot tell.
 */
export type Fault = readonly [
  says: string,
  plant: (at: Deployment) => unknown,
  fails: Partial<Record<CheckName, FindingName>>,
  fix: RegExp,
  args?: readonly string[],
]
export const faults: readonly Fault[] = [
  [
    'no DNS record',
    (at) => movedTo(at, 'https://nowhere.invalid'),
    { dns: 'dns_missing' },
    /Create a DNS record for nowhere.invalid/,
  ],
  ['no proxy', (at) => movedTo(at, 'https://localhost:1'), { tls: 'tls_unreachable' }, /Start the proxy/],
  [
    'a certificate of nobody’s',
    async ({ secure }) => secure(await certificateFor(30), await certificateFor(30)),
    { tls: 'tls_untrusted' },
    /certificate from a public authority/,
  ],
  [
    'a certificate without the one that signed it',
    async ({ secure }) => {
      const issuer = await certificateOf('authority.example')
      secure(await certificateOf('localhost', { ca: issuer }), await certificateFor(30))
    },
    { tls: 'tls_chain' },
    /together with the intermediate certificates/,
  ],
  [
    'a certificate that is not valid yet',
    async ({ secure }) => {
      const early = await certificateFor(40)
      secure(early, early)
    },
    { tls: 'tls_early' },
    /Synchronise the clock of this machine by NTP/,
  ],
  [
    'a certificate that has ended',
    async ({ secure }) => {
      const ended = await certificateFor(-1)
      secure(ended, ended)
    },
    { tls: 'tls_expired' },
    /Renew the certificate of localhost/,
  ],
  [
    'a certificate that ends soon',
    async ({ secure }) => {
      const ending = await certificateFor(10)
      secure(ending, ending)
    },
    { tls: 'tls_ends' },
    /Renew the certificate of localhost/,
  ],
  [
    'a certificate for another name',
    async ({ secure }) => {
      const other = await certificateOf('other.example')
      secure(other, other)
    },
    { tls: 'tls_other_name' },
    /Get a certificate that names localhost/,
  ],
  [
    'an old version of TLS',
    ({ secure }) => secure({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    { tls: 'tls_old' },
    /accept TLS 1.2 or later only/,
  ],
  [
    'an address without TLS',
    (at) => movedTo(at, `https://localhost:${new URL(at.plain).port}`),
    { tls: 'tls_refused' },
    /Let the proxy speak TLS/,
  ],
  [
    'a service that does not run',
    ({ answer }) => answer(() => new Response('Bad Gateway', { status: 502 })),
    { service: 'service_silent' },
    /Start the service, and let the proxy pass requests to its PORT/,
  ],
  [
    'a proxy to another service',
    ({ answer }) => answer(() => new Response('', { status: 404 })),
    { service: 'service_other' },
    /Let the proxy pass every path of localhost/,
  ],
  [
    'a sign-in before the manifest',
    ({ answer }) =>
      answer(({ url }) => (url.endsWith('.xml') ? new Response('', { status: 401 }) : undefined)),
    { manifest: 'manifest_missing' },
    /Let the proxy pass every path/,
  ],
  [
    'another manifest',
    ({ answer }) =>
      answer(({ url }) => (url.endsWith('/manifest.xml') ? new Response('<OfficeApp/>') : undefined)),
    { manifest: 'manifest_other' },
    /name the same service/,
  ],
  [
    'a file of another service where classic Outlook looks',
    ({ answer }) =>
      answer(({ url }) => (url.includes('/.well-known/') ? Response.json({ allowed: [] }) : undefined)),
    { wellKnown: 'well_known_other' },
    /Let the proxy pass \/.well-known/,
  ],
  [
    'a proxy that passes no hidden folders',
    ({ answer }) =>
      answer(({ url }) => (url.includes('/.well-known/') ? new Response('', { status: 404 }) : undefined)),
    { wellKnown: 'well_known_missing' },
    /Let the proxy pass \/.well-known/,
  ],
  [
    'an Outlook that may not show the pages',
    ({ answer }) =>
      answer(({ url }) =>
        url.includes('/taskpane/') ? page("frame-ancestors https://outlook.office.com 'self'") : undefined,
      ),
    { frames: 'frames_missing' },
    /Add https:\/\/outlook.office365.com https:\/\/outlook.cloud.microsoft to FRAME_ANCESTORS/,
  ],
  [
    'a proxy with a content security policy of its own',
    ({ answer }) =>
      answer(({ url }) => {
        if (!url.includes('/taskpane/')) return undefined
        const headers = new Headers()
        for (const outlooks of [
          'https://*.office.com https://*.office365.com https://*.cloud.microsoft',
          "'self'",
        ])
          headers.append('content-security-policy', `frame-ancestors ${outlooks}`)
        return new Response('', { headers })
      }),
    { frames: 'frames_twice' },
    /Remove the header Content-Security-Policy that the proxy adds/,
  ],
  [
    'a proxy that forbids frames',
    ({ answer }) =>
      answer(({ url }) =>
        url.includes('/taskpane/')
          ? page('frame-ancestors https://*.office.com', { 'x-frame-options': 'SAMEORIGIN' })
          : undefined,
      ),
    { frames: 'frames_refused' },
    /Remove the header X-Frame-Options/,
  ],
  [
    'a proxy that removes the content security policy',
    ({ answer }) => answer(({ url }) => (url.includes('/taskpane/') ? new Response('') : undefined)),
    { frames: 'frames_open' },
    /Let the proxy pass the header Content-Security-Policy/,
  ],
  [
    'a directory that does not exist',
    () => ({ ENTRA_TENANTS: '7f1b2c3d-0000-4000-8000-000000000404' }),
    { entraDirectory: 'entra_directory_missing' },
    /Correct the directory id in ENTRA_TENANTS/,
  ],
  [
    'no way to Entra',
    ({ faults }) => faults.add({ vendor: 'entra', drop: true, times: 'always' }),
    { entraDirectory: 'entra_unreachable' },
    /through the firewall/,
  ],
  [
    'a client secret that was mistyped',
    () => ({ ENTRA_CLIENT_SECRET: 'wrong' }),
    { entraSecret: 'entra_secret_wrong' },
    /Copy the value of the secret, not its id/,
  ],
  [
    'a client secret that has expired',
    ({ entra }) => entra.directory.expireSecret(),
    { entraSecret: 'entra_secret_expired' },
    /Create another client secret/,
  ],
  [
    'an application that the directory has removed',
    ({ entra }) => entra.directory.removeApplication(),
    { entraSecret: 'entra_application_missing' },
    /Grant admin consent/,
  ],
  [
    'an application that the directory has disabled',
    ({ entra }) => entra.directory.disableApplication(),
    { entraSecret: 'entra_application_disabled' },
    /Enable sign-in for users/,
  ],
  [
    'access tokens of version 1',
    ({ entra }) =>
      entra.registered.change({
        api: { ...entra.registered.object().api, requestedAccessTokenVersion: null },
      }),
    { entraToken: 'entra_token_version', entraRegistration: 'entra_token_version' },
    /Set requestedAccessTokenVersion to 2/,
  ],
  [
    'a token for another API',
    (at) => gives(at, { aud: 'api://other.example' }),
    { entraToken: 'entra_token_other' },
    /Correct ENTRA_AUTHORITY and ENTRA_CLIENT_ID/,
  ],
  [
    'a token from another issuer',
    (at) => gives(at, { iss: 'https://login.other.example/v2.0' }),
    { entraToken: 'entra_token_other' },
    /Correct ENTRA_AUTHORITY and ENTRA_CLIENT_ID/,
  ],
  [
    'a token that is signed with a key that Entra does not publish',
    (at) => gives(at, {}, { key: 'stranger' }),
    { entraToken: 'entra_token_other' },
    /Correct ENTRA_AUTHORITY and ENTRA_CLIENT_ID/,
  ],
  [
    'a token that another key has signed than the one that it names',
    async (at) => {
      const [published] = (await at.entra.publishedKeys()).keys
      await gives(at, {}, { key: 'stranger', header: { kid: published?.kid } })
    },
    { entraToken: 'entra_token_other' },
    /Correct ENTRA_AUTHORITY and ENTRA_CLIENT_ID/,
  ],
  [
    'the id of another application',
    () => ({ ENTRA_CLIENT_ID: '7f1b2c3d-0000-4000-8000-000000000404' }),
    { entraRedirects: 'entra_application_missing', entraSecret: 'entra_application_missing' },
    /or correct ENTRA_CLIENT_ID/,
  ],
  [
    'an API that is not exposed',
    ({ entra }) => entra.registered.change({ identifierUris: [] }),
    { entraToken: 'entra_api_missing', entraRegistration: 'entra_api_missing' },
    /Expose an API with the application ID URI api:/,
  ],
  [
    'a scope that is not exposed',
    ({ entra }) =>
      entra.registered.change({ api: { ...entra.registered.object().api, oauth2PermissionScopes: [] } }),
    { entraRegistration: 'entra_scope_missing' },
    /Add the scope access_as_user/,
  ],
  [
    'a redirect address that is not registered',
    ({ entra }) => redirects(entra, (all) => all.filter((uri) => !uri.includes('/dialog/'))),
    { entraRedirects: 'entra_redirect_missing', entraRegistration: 'entra_redirect_missing' },
    /Add https:.*\/addin\/dialog\/index.html to the single-page platform/,
  ],
  [
    'a redirect address of the platform “web”',
    ({ entra }) => {
      const isDialog = (uri: string) => uri.includes('/dialog/')
      const { redirectUris } = entra.registered.object().spa
      entra.registered.change({ web: { redirectUris: redirectUris.filter(isDialog) } })
      redirects(entra, (all) => all.filter((uri) => !isDialog(uri)))
    },
    { entraRegistration: 'entra_redirect_not_spa' },
    /Move https:.*\/addin\/dialog\/index.html to the single-page platform/,
  ],
  [
    'no address for sign-in within Outlook',
    ({ entra }) => redirects(entra, (all) => all.filter((uri) => !uri.startsWith('brk-'))),
    { entraRegistration: 'entra_broker_missing' },
    /Add brk-multihub:.* as the last address/,
  ],
  [
    'the address for sign-in within Outlook before the others',
    ({ entra }) => redirects(entra, (all) => all.toReversed()),
    { entraRegistration: 'entra_broker_first' },
    /Put an https address first/,
  ],
  [
    'no way to Microsoft Graph',
    ({ faults }) => faults.add({ vendor: 'graph', drop: true, times: 'always' }),
    { entraRegistration: 'graph_unreachable' },
    /Let the service reach localhost:\d+ through the firewall/,
  ],
  [
    'no consent of an administrator',
    ({ consent }) => consent('access_as_user'),
    { entraRegistration: 'entra_consent_missing' },
    /Grant admin consent for Calendars.Read, offline_access/,
  ],
  [
    'a secret that Zoom refuses',
    () => ({ ZOOM_CLIENT_SECRET: 'wrong' }),
    { zoomApp: 'zoom_refused' },
    /Correct ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET/,
  ],
  [
    'no way to Zoom',
    ({ faults }) => faults.add({ vendor: 'zoom', match: '/oauth/token', drop: true, times: 'always' }),
    { zoomApp: 'zoom_unreachable', zoomUserApp: 'zoom_unreachable' },
    /through the firewall/,
  ],
  [
    'no way to Zoom’s API, which has an address of its own',
    () => ({ ZOOM_API_URL: 'https://localhost:1/v2' }),
    { zoomApp: 'zoom_unreachable' },
    /Let the service reach localhost:1 through the firewall/,
  ],
  [
    'a scope that the app at Zoom lacks',
    ({ withoutScope }) => withoutScope('meeting:update:status:admin'),
    { zoomApp: 'zoom_scopes_missing' },
    /Add meeting:update:status:admin to the server-to-server app/,
  ],
  [
    'a secret of the user-managed app that Zoom refuses',
    () => ({ ZOOM_USER_CLIENT_SECRET: 'wrong' }),
    { zoomUserApp: 'zoom_user_refused' },
    /Correct ZOOM_USER_CLIENT_ID and ZOOM_USER_CLIENT_SECRET/,
  ],
  [
    'the server-to-server app in place of the user-managed one',
    () => ({ ZOOM_USER_CLIENT_ID: credentials.clientId, ZOOM_USER_CLIENT_SECRET: credentials.clientSecret }),
    { zoomUserApp: 'zoom_user_other_type' },
    /Create a General App that is user-managed/,
  ],
  [
    'a user-managed app without the redirect address',
    ({ redirectsTo }) => redirectsTo(),
    { zoomUserApp: 'zoom_user_redirect_missing' },
    /Add https:.*\/link\/zoom\/callback to the app/,
  ],
  [
    'a user-managed app that lacks a scope',
    () => databaseWith(zoomAccountOf(ada, 'permission_lowered')),
    { zoomUserScopes: 'zoom_user_scopes_missing' },
    /Add the scopes of the guide/,
  ],
  [
    'another secret token of the user-managed app in the running service',
    () => ({ ZOOM_USER_WEBHOOK_SECRET_TOKEN: 'newer' }),
    { zoomUserWebhook: 'webhook_secret' },
    /into ZOOM_USER_WEBHOOK_SECRET_TOKEN, and start every process again/,
  ],
  [
    'a vault key that is not configured any more',
    () => databaseWith(encryptedBy('gone')),
    { vault: 'vault_key_missing' },
    /Add the key “gone” to VAULT_KEYS again/,
  ],
  [
    'another vault key under the name of an earlier one',
    () => databaseWith(encryptedBy('test')),
    { vault: 'vault_key_other' },
    /Put the earlier key “test” into VAULT_KEYS again/,
  ],
  [
    'a vault key that administrators have retired',
    () =>
      databaseWith(
        `insert into key_removals (key_id, asked_by, confirmed_by, retired_at)
          values ('test', 'entra:${ada.tenantId}:${ada.objectId}', 'entra:${ada.tenantId}:${joan.objectId}', now())`,
      ),
    { vault: 'vault_key_retired' },
    /Put another key first in VAULT_KEYS/,
  ],
  [
    'an older version of the key in Azure Key Vault that is disabled',
    async ({ azureKey, keyVault }) => {
      const older = azureKey().VAULT_AZURE_KEY
      keyVault.setEnabled(older, false)
      return { ...azureKey(), ...(await databaseWith(encryptedBy(idOf(older), 256))) }
    },
    { vault: 'vault_key_closed' },
    /Enable that version again/,
  ],
  [
    'a key in Azure Key Vault that the application may not use',
    async ({ azureKey, keyVault }) => {
      const settings = azureKey()
      keyVault.setEnabled(settings.VAULT_AZURE_KEY, false)
      // It is one fault, although stored credentials need this key too.
      return { ...settings, ...(await databaseWith(encryptedBy(idOf(settings.VAULT_AZURE_KEY), 256))) }
    },
    { vault: 'vault_refused' },
    /Check the key, VAULT_AZURE_CLIENT_ID and its secret/,
  ],
  [
    'no way to Azure Key Vault',
    ({ azureKey, faults }) => {
      faults.add({ vendor: 'key-vault', drop: true, times: 'always' })
      return azureKey()
    },
    { vault: 'vault_unreachable' },
    /Let the service reach localhost:\d+ and Entra through the firewall/,
  ],
  [
    'another secret token of Zoom in the running service',
    () => ({ ZOOM_WEBHOOK_SECRET_TOKEN: 'newer' }),
    { zoomWebhook: 'webhook_secret' },
    /start every process again/,
  ],
  [
    'a sign-in before the address of notifications',
    ({ answer }) =>
      answer(({ url }) =>
        url.includes('/sync/graph')
          ? new Response('', { status: 302, headers: { location: '/login' } })
          : undefined,
      ),
    { graphWebhook: 'webhook_blocked' },
    /Let the proxy pass \/sync\/graph of localhost to the service/,
  ],
  [
    'a sign-in before the address that an Exchange server calls',
    ({ answer, exchange }) => {
      answer(({ url }) =>
        url.includes('/sync/exchange')
          ? new Response('', { status: 302, headers: { location: '/login' } })
          : undefined,
      )
      return { EXCHANGE: exchange() }
    },
    { exchangeCalls: 'webhook_blocked' },
    /Let the proxy pass \/sync\/exchange of localhost/,
  ],
  [
    'no way to the database',
    () => ({ DATABASE_URL: 'postgres://localhost:1/none' }),
    { database: 'database_unreachable' },
    /Correct DATABASE_URL/,
  ],
  [
    'the tables of an older version',
    async () => ({ DATABASE_URL: await createDatabase() }),
    { database: 'database_tables' },
    /Start this version of the service once/,
  ],
  [
    'a PostgreSQL that is too old',
    () => databaseWith(olderPostgres),
    { database: 'database_old' },
    /Upgrade PostgreSQL to version 13 or later/,
  ],
  [
    'a database far away',
    async ({ world }) => ({ DATABASE_URL: await farAway(world.settings.DATABASE_URL ?? '', 60) }),
    { database: 'database_slow' },
    /in the same region and network/,
  ],
  [
    'subscriptions that have ended',
    () => watched('expires_at', "now() - interval '1 hour'"),
    { subscriptions: 'subscriptions_late' },
    /Read the log for “work failed”/,
  ],
  [
    'calendars that cannot be followed',
    () => watched('failures, expires_at', "3, now() + interval '1 day'"),
    { subscriptions: 'subscriptions_failing' },
    /Read the page Sync of the console/,
  ],
  [
    'a clock that is wrong',
    ({ faults }) =>
      faults.add({
        vendor: 'entra',
        match: '/common/v2.0',
        status: 200,
        headers: { date: new Date(Date.now() - 600_000).toUTCString() },
      }),
    { clock: 'clock_wrong' },
    /Synchronise the clock by NTP/,
  ],
  [
    'no way to an Exchange server',
    ({ exchange, faults }) => {
      faults.add({ vendor: 'exchange', drop: true, times: 'always' })
      return { EXCHANGE: exchange() }
    },
    { exchange: 'exchange_unreachable' },
    /or give metadataFile in EXCHANGE/,
  ],
  [
    'an Exchange server that shows another certificate than the pinned one',
    ({ exchange }) => ({ EXCHANGE: exchange({ tlsPins: ['0'.repeat(64)] }) }),
    { exchange: 'exchange_certificate' },
    /add its SHA-256 to tlsPins/,
  ],
  [
    'an Exchange server with another certificate than the pinned one',
    ({ exchange }) => ({ EXCHANGE: exchange({ pins: ['0'.repeat(64)] }) }),
    { exchange: 'exchange_no_key' },
    /Correct the pins of localhost/,
  ],
  [
    'a certificate of an Exchange server that ends soon',
    async ({ exchange, exchangeEndsIn }) => {
      await exchangeEndsIn(10)
      return { EXCHANGE: exchange() }
    },
    { exchange: 'exchange_ends' },
    /Renew the authentication certificate of localhost/,
  ],
  [
    'a certificate of an Exchange server that has ended',
    async ({ exchange, exchangeEndsIn }) => {
      await exchangeEndsIn(-10)
      return { EXCHANGE: exchange() }
    },
    { exchange: 'exchange_ended' },
    /Renew the authentication certificate of localhost/,
  ],
  [
    'an Exchange server that has refused its service account',
    async ({ exchange }) => ({
      EXCHANGE: exchange(),
      ...(await databaseWith(
        `insert into service_accounts values ('${serverIn(exchange())}', 'refused', now())`,
      )),
    }),
    { serviceAccounts: 'service_account_refused' },
    /Save the account again in the console under Mailboxes/,
  ],
  [
    'a policy that lets a service account open mailboxes, without one',
    async ({ exchange }) => ({ EXCHANGE: exchange(), ...(await databaseWith(wantsServiceAccounts)) }),
    { serviceAccounts: 'service_account_none' },
    /or change the policy exchangeAccess/,
  ],
  [
    'a room that deletes the text of what it accepts',
    ({ accepted }) => accepted({ subject: 'Weekly', body: '' }, { subject: 'Daily', body: ' ' }),
    { room: 'room_text' },
    /Set-CalendarProcessing -Identity attic@.* -DeleteComments \$false/,
    ['--room', attic],
  ],
  [
    'a room that puts the organiser in place of the title',
    ({ accepted }) => accepted({ subject: 'Somebody else', body: 'A' }, { subject: '', body: 'B' }),
    { room: 'room_title' },
    /Set-CalendarProcessing -Identity attic@.* -DeleteSubject \$false/,
    ['--room', attic],
  ],
  [
    'a room that puts the organiser before the title',
    ({ accepted }) => accepted({ subject: 'Somebody else Weekly', body: 'A' }),
    { room: 'room_organiser' },
    /-AddOrganizerToSubject \$false/,
    ['--room', attic],
  ],
  [
    'a room that the application may not open',
    ({ entra }) => entra.directory.giveOwn([]),
    { room: 'mailbox_closed' },
    /Grant the application Calendars.Read for a scope that has attic@/,
    ['--room', attic],
  ],
  [
    'an address of no room',
    () => {},
    { room: 'mailbox_missing' },
    /Correct the address/,
    ['--room', 'nobody@contoso.example'],
  ],
  [
    'an application that is not limited to some mailboxes',
    () => {},
    { scope: 'scope_open' },
    /Limit the application in Exchange Online/,
    ['--mailbox', attic, '--outside', ada.emailAddress],
  ],
  [
    'an application that is limited to other mailboxes',
    ({ graph }) => graph.limitScope(),
    { scope: 'mailbox_closed' },
    /for a scope that has ada@/,
    ['--mailbox', ada.emailAddress],
  ],
]

/** Plants a fault and lets the doctor look: exactly these checks fail, each with this finding and fix. */
export async function expectFound(deployment: Deployment, [, plant, fails, fix, args]: Fault) {
  onTestFinished(deployment.mend)
  const changes = (await plant(deployment)) as Record<string, string> | undefined
  const { code, failed, unknown } = await linesOf(deployment, changes, args)
  expect(failed.map(({ check, finding }) => [check, finding])).toEqual(Object.entries(fails))
  for (const line of failed) expect(line.fix).toMatch(fix)
  expect(unknown.filter(({ finding }) => finding === 'broken' || finding === 'late')).toEqual([])
  expect(code).toBe(1)
}
