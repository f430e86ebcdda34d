import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../../../src/simulator/kit/temporary.ts'
import { commandsIn } from '../../../guide.ts'
import { openDeployment } from '../../doctor/kit.ts'
import { ada, clientId, hasPostgres } from '../../kit.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const posix = process.platform !== 'win32'

/** What the Azure CLI's own token for Graph may do, where its person may do everything. */
const administrator =
  'Application.ReadWrite.All DelegatedPermissionGrant.ReadWrite.All Directory.AccessAsUser.All User.ReadWrite.All'

describe.skipIf(!posix || !hasPostgres)('deploy/entra.sh', () => {
  let deployment: Awaited<ReturnType<typeof openDeployment>>
  let folder: ReturnType<typeof temporaryFolder>
  beforeAll(async () => {
    deployment = await openDeployment({ built: false })
    folder = temporaryFolder()
    const bin = join(folder.path, 'bin')
    mkdirSync(bin)
    const standIn = fileURLToPath(new URL('../az.mjs', import.meta.url))
    writeFileSync(join(bin, 'az'), `#!/bin/sh\nexec '${process.execPath}' '${standIn}' "$@"\n`)
    chmodSync(join(bin, 'az'), 0o755)
    writeFileSync(join(folder.path, 'ca.pem'), deployment.certificate)
  })
  afterAll(async () => {
    await deployment?.close()
    await folder?.remove()
  })
  beforeEach(() => {
    // A directory where nobody has registered anything yet.
    deployment.entra.registered.remove()
    onTestFinished(deployment.mend)
  })

  /** Runs the script. `scp`: what its person may do at Graph; empty: nobody is signed in. */
  async function run(
    args: string[],
    { scp = administrator, path = `${join(folder.path, 'bin')}:${process.env.PATH}` } = {},
  ) {
    const log = join(folder.path, 'requests')
    writeFileSync(log, '')
    const { entra, graphOrigin } = deployment
    const env = {
      PATH: path,
      HOME: folder.path,
      AZ_GRAPH: graphOrigin,
      AZ_TENANT: ada.tenantId,
      AZ_TOKEN: scp && (await entra.sign({ ...entra.claims(ada), aud: graphOrigin, scp })),
      AZ_LOG: log,
      NODE_EXTRA_CA_CERTS: join(folder.path, 'ca.pem'),
    }
    const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
      (resolve) =>
        execFile('/bin/bash', [join(root, 'deploy/entra.sh'), ...args], { env }, (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, stdout, stderr }),
        ),
    )
    const requests = readFileSync(log, 'utf8').trim().split('\n')
    return { code, stdout, stderr, writes: requests.filter((line) => !line.startsWith('get ')) }
  }
  const register = (...args: string[]) => run([deployment.PUBLIC_URL, ...args])

  test('registers the application in an empty directory, and doctor finds nothing wrong with it', async () => {
    const secret = join(folder.path, 'secret')
    const [[command = ''] = []] = commandsIn('docs/entra.md', 'By the script')
    const [script, address, option = '', file] = command.split(' ')
    expect([script, address, file]).toEqual([
      'deploy/entra.sh',
      'https://addin.contoso.example',
      'entra-client-secret',
    ])
    const { code, stdout, stderr } = await register(option, secret)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toBe(
      `ENTRA_CLIENT_ID=${clientId}\nENTRA_TENANTS=${ada.tenantId}\nCALENDAR_PERMISSION=read\n`,
    )
    expect(readFileSync(secret, 'utf8')).toMatch(/^simulated\.\S+$/)
    expect(statSync(secret).mode & 0o777).toBe(0o600)
    expect(stderr).not.toContain(readFileSync(secret, 'utf8'))

    const application = deployment.entra.registered.object()
    const { host } = new URL(deployment.PUBLIC_URL)
    expect(application.displayName).toBe(`Zoom for Outlook (${host})`)
    expect(application.spa.redirectUris).toEqual([
      `https://${host}/addin/redirect/index.html`,
      `https://${host}/addin/dialog/index.html`,
      `https://${host}/console/`,
      `brk-multihub://${host}`,
    ])
    expect(application.web.redirectUris).toEqual([`https://${host}/apps/sign-in/callback`])
    expect(application.api.oauth2PermissionScopes).toMatchObject([
      { value: 'access_as_user', type: 'User', isEnabled: true },
      { value: 'admin', type: 'Admin', isEnabled: true },
    ])
    expect(application).toMatchObject({
      appRoles: [{ value: 'Admin' }, { value: 'Auditor' }],
      groupMembershipClaims: 'SecurityGroup',
      optionalClaims: { accessToken: [{ name: 'acrs' }, { name: 'groups' }] },
    })
    const { lines } = JSON.parse(
      (
        await deployment.doctor(
          { ENTRA_CLIENT_SECRET: readFileSync(secret, 'utf8') },
          ...['--json', '--seconds', '60', '--graph-token-file', deployment.graphToken],
        )
      ).printed,
    ) as { lines: { check: string; state: string; finding: string }[] }
    const entra = lines.filter(({ check }) => check.startsWith('entra'))
    expect(entra.map(({ finding }) => finding)).toEqual([
      'entra_directory_known',
      'entra_redirects_good',
      'entra_secret_accepted',
      'entra_token_good',
      'entra_registration_good',
    ])
  })

  test('changes nothing when it runs again, makes no other secret, and adds to a consent that is there', async () => {
    const secret = join(folder.path, 'another')
    const first = await register('--secret', secret)
    const made = readFileSync(secret, 'utf8')
    const second = await register('--secret', secret)
    expect(first.writes.length).toBeGreaterThan(5)
    expect(second.writes).toEqual([])
    expect(second).toMatchObject({ code: 0, stdout: first.stdout })
    expect(readFileSync(secret, 'utf8')).toBe(made)
    await register('--calendars', 'read-write')
    expect(deployment.consented()).toEqual([
      'access_as_user admin',
      'Calendars.Read offline_access Calendars.ReadWrite',
    ])
  })

  test('adds what an application lacks, keeps what it has, and puts an https address first', async () => {
    await register('--calendars', 'none')
    const { registered } = deployment.entra
    const other = { id: 'a0000000-0000-4000-8000-000000000001', value: 'Other', allowedMemberTypes: ['User'] }
    const { spa, api } = registered.object()
    registered.change({
      displayName: 'Our own name',
      identifierUris: ['https://contoso.example/zoom'],
      spa: { redirectUris: [spa.redirectUris[3] ?? '', 'https://other.example/'] },
      web: { redirectUris: ['https://other.example/back'] },
      api: { ...api, oauth2PermissionScopes: api.oauth2PermissionScopes.slice(0, 1) },
      appRoles: [other],
      groupMembershipClaims: 'All',
    })
    expect((await register('--client-id', clientId, '--calendars', 'read-write')).code).toBe(0)
    const after = registered.object()
    expect(after.spa.redirectUris).toEqual([
      'https://other.example/',
      ...spa.redirectUris.slice(0, 3),
      spa.redirectUris[3],
    ])
    expect(after.web.redirectUris).toEqual([
      'https://other.example/back',
      `${new URL(spa.redirectUris[0] ?? '').origin}/apps/sign-in/callback`,
    ])
    expect(after.identifierUris).toEqual(['https://contoso.example/zoom', `api://${clientId}`])
    expect(after.appRoles.map(({ value }) => value)).toEqual(['Other', 'Admin', 'Auditor'])
    expect(after.groupMembershipClaims).toBe('All')
    expect(after.requiredResourceAccess).toMatchObject([
      { resourceAccess: [{ type: 'Scope' }, { type: 'Scope' }] },
    ])
    expect(deployment.consented()).toEqual(['access_as_user admin', 'Calendars.ReadWrite offline_access'])
    expect((await register('--client-id', clientId, '--calendars', 'read-write')).writes).toEqual([])
  })

  test('waits for what Entra has stored and does not show everywhere yet', async () => {
    deployment.faults.add({
      vendor: 'graph',
      match: 'GET /v1.0/applications/',
      status: 404,
      body: JSON.stringify({ error: { code: 'Request_ResourceNotFound', message: 'Not yet.' } }),
    })
    expect((await register()).code).toBe(0)
  })

  const scopeOf = (value: string, isEnabled = true) =>
    ({ id: 'b0000000-0000-4000-8000-000000000001', value, isEnabled, type: 'User' }) as const
  test.each<[string, () => Parameters<typeof run>, string]>([
    ['no address', () => [[]], 'Give the address of the service, PUBLIC_URL'],
    [
      'an address with a path',
      () => [['https://contoso.example/zoom']],
      'Give the address of the service, PUBLIC_URL',
    ],
    ['an unknown option', () => [['--calenders', 'read']], 'There is no option --calenders.'],
    [
      'a wrong permission',
      () => [['https://a.example', '--calendars', 'write']],
      '--calendars must be read, read-write or none.',
    ],
    [
      'a file for the secret in a folder that is not there',
      () => [[deployment.PUBLIC_URL, '--secret', join(folder.path, 'nowhere/secret')]],
      'nowhere/secret cannot be written: make its folder first.',
    ],
    [
      'no Azure CLI',
      () => [[deployment.PUBLIC_URL], { path: withoutAz() }],
      'The Azure CLI is missing. Install it',
    ],
    [
      'nobody who has signed in',
      () => [[deployment.PUBLIC_URL], { scp: '' }],
      'Run: az login --allow-no-subscriptions',
    ],
    [
      'a person who may register nothing',
      () => [[deployment.PUBLIC_URL], { scp: 'Application.Read.All' }],
      'Entra does not let you register an application. Ask for the role Cloud Application Administrator',
    ],
    [
      'a person who may not consent for everybody',
      () => [[deployment.PUBLIC_URL], { scp: 'Application.ReadWrite.All DelegatedPermissionGrant.Read.All' }],
      'Entra does not let you grant consent. Ask for the role',
    ],
    [
      'a client id that the directory does not have',
      () => [[deployment.PUBLIC_URL, '--client-id', 'c11e27d0-0000-4000-8000-000000000404']],
      'This directory has no application with the client id c11e27d0-0000-4000-8000-000000000404.',
    ],
    [
      'a redirect address of another platform',
      () => {
        const page = `${deployment.PUBLIC_URL}/addin/dialog/index.html`
        deployment.entra.registered.change({ web: { redirectUris: [page] } })
        return [[deployment.PUBLIC_URL, '--client-id', clientId]]
      },
      'is registered for another platform. Remove it there, and run this again',
    ],
    [
      'a scope that somebody has disabled',
      () => {
        const { api } = deployment.entra.registered.object()
        deployment.entra.registered.change({
          api: { ...api, oauth2PermissionScopes: [scopeOf('access_as_user', false)] },
        })
        return [[deployment.PUBLIC_URL, '--client-id', clientId]]
      },
      'The scope access_as_user is disabled. Enable it under "Expose an API"',
    ],
    [
      'an API of other programs with tokens of version 1',
      () => {
        const { api } = deployment.entra.registered.object()
        deployment.entra.registered.change({
          api: { ...api, requestedAccessTokenVersion: 1, oauth2PermissionScopes: [scopeOf('other')] },
        })
        return [[deployment.PUBLIC_URL, '--client-id', clientId]]
      },
      'tokens of version 1 for an API of its own, which other programs may use',
    ],
  ])('ends with one sentence for %s, and prints no settings', async (_, plant, sentence) => {
    const { code, stdout, stderr } = await run(...plant())
    expect(code).not.toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toContain(sentence)
  })

  test('changes nothing of an application with which something else is wrong', async () => {
    const page = `${deployment.PUBLIC_URL}/console/`
    deployment.entra.registered.change({ web: { redirectUris: [page] } })
    expect((await register('--client-id', clientId)).writes).toEqual([])
  })

  /** The programs of this machine that the script needs, without an Azure CLI. */
  function withoutAz(): string {
    const bin = join(folder.path, 'without')
    if (!existsSync(bin)) mkdirSync(bin)
    return bin
  }
})
