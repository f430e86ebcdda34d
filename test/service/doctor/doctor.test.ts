import { hash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  checkNames,
  type FindingName,
  findings,
  type Line,
  type State,
} from '../../../src/contract/doctor.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { ada, hasPostgres, variables } from '../kit.ts'
import { expectFound, type Fault, faults, zoomAccountOf } from './faults.ts'
import { attic, type Deployment, linesOf, openDeployment } from './kit.ts'
import { expectUnknown, type Unknown, unknowns } from './unknowns.ts'

describe.skipIf(!hasPostgres)('doctor', () => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await openDeployment({ built: false })
  })
  afterAll(() => deployment?.close())

  const lines = (changes?: Record<string, string | undefined>, args?: readonly string[], seconds?: string) =>
    linesOf(deployment, changes, args, seconds)

  test('finds nothing wrong in a deployment where nothing is wrong', async () => {
    const { graph, accepted, mend, exchange, world } = deployment
    onTestFinished(mend)
    await world.sql(zoomAccountOf(ada, 'connected'))
    onTestFinished(async () => void (await world.sql('delete from connections; delete from credentials')))
    graph.limitScope()
    accepted({ subject: 'Weekly', body: 'A' }, { subject: 'Somebody else', body: '' })
    const { code, failed, passed, unknown } = await lines({ EXCHANGE: exchange() }, [
      ...['--room', attic],
      ...['--mailbox', attic, '--outside', ada.emailAddress],
    ])
    expect(failed).toEqual([])
    expect(code).toBe(0)
    // The internet does not reach this machine.
    expect(new Set(unknown.map(({ finding }) => finding))).toEqual(new Set(['webhook_inside']))
    expect([...passed, ...unknown].map(({ check }) => check).sort()).toEqual(
      checkNames.filter((name) => name !== 'settings').sort(),
    )
  })

  test('does not look at what the deployment does not have', async () => {
    const { lines: all } = await lines({
      ZOOM_WEBHOOK_SECRET_TOKEN: undefined,
      ZOOM_USER_CLIENT_ID: undefined,
      ZOOM_USER_CLIENT_SECRET: undefined,
      ZOOM_USER_WEBHOOK_SECRET_TOKEN: undefined,
      ZOOM_CONNECT: undefined,
      CALENDAR_SYNC: 'false',
    })
    const left = [
      ...(['exchange', 'exchangeCalls', 'serviceAccounts', 'zoomWebhook'] as const),
      ...(['graphWebhook', 'subscriptions'] as const),
    ]
    const ofPeople = ['zoomUserApp', 'zoomUserScopes', 'zoomUserWebhook'] as const
    const checks = all.map(({ check }) => check)
    for (const name of [...left, ...ofPeople]) expect(checks).not.toContain(name)
  })

  test('cannot tell how the application is registered without an administrator’s token', async () => {
    const { printed, code } = await deployment.doctor({}, '--json')
    expect(code).toBe(0)
    const { lines } = JSON.parse(printed) as { lines: Line[] }
    expect(lines).toContainEqual(
      expect.objectContaining({
        finding: 'entra_registration_closed',
        state: 'unknown',
        fix: expect.stringContaining('--graph-token-file'),
      }),
    )
  })

  test('cannot tell how the application is registered by a token that Graph refuses, and says so', async () => {
    const file = deployment.graphToken
    const token = readFileSync(file)
    onTestFinished(() => writeFileSync(file, token))
    writeFileSync(file, 'eyJhbGciOiJub25lIn0.e30.')
    const { unknown, code } = await lines()
    expect(code).toBe(0)
    expect(unknown).toContainEqual(
      expect.objectContaining({
        finding: 'entra_registration_refused',
        says: expect.stringContaining('401'),
      }),
    )
  })

  test('cannot tell whether an Exchange server accepts a service account that no mailbox uses', async () => {
    const { exchange, world } = deployment
    const EXCHANGE = exchange()
    const server = hash('sha256', JSON.parse(EXCHANGE)[0].metadataUrl, 'base64url')
    await world.sql(`insert into service_accounts values ('${server}', 'accepted', now());
      insert into policies (organisation, rank, name, value)
      values ('entra:${ada.tenantId}', 0, 'exchangeAccess', 'service-account')`)
    onTestFinished(async () => void (await world.sql('delete from service_accounts; delete from policies')))
    const { unknown, code } = await lines({ EXCHANGE })
    expect(code).toBe(0)
    expect(unknown.map(({ finding }) => finding)).toContain('service_account_unused')
  })

  test('disturbs nothing: meetings change meanwhile, with the token of Zoom that the service has', async () => {
    const { world, served } = deployment
    const { origin, stop } = await world.startService(served as object)
    onTestFinished(stop)
    const token = await deployment.entra.sign(await deployment.entra.claims(ada))
    const key = newKey()
    const put = async (subject: string) =>
      (await putMeeting(origin, token, key, { ...quarterlyReview, subject })).status
    expect(await put('First')).toBe(200)
    const before = world.logged.length
    let isLooking = true
    const looking = deployment.doctor().finally(() => {
      isLooking = false
    })
    const statuses = new Set<number>()
    // Zoom lets a person's meetings change a hundred times a day.
    for (let count = 0; count < 2 || (isLooking && count < 40); count++) {
      statuses.add(await put(`Changed ${count}`))
      await pause(100)
    }
    await looking
    statuses.add(await put('Last'))
    expect([...statuses]).toEqual([200])
    const calls = world.logged.slice(before).map((line) => JSON.parse(line))
    const atZoom = calls.filter(({ msg }) => msg === 'zoom call')
    expect(atZoom.filter(({ route, status }) => route === '/oauth/token' || status >= 400)).toEqual([])
    expect(atZoom).not.toEqual([])
  })

  test.for(faults)('finds %s, and names the fix', (fault) => expectFound(deployment, fault))

  test.for(unknowns)('cannot tell %s, and names the fix', (unknown) => expectUnknown(deployment, unknown))

  test('waits for no vendor for ever, and says what else it found', async () => {
    const { faults, mend } = deployment
    onTestFinished(mend)
    faults.add({ vendor: 'zoom', match: '/oauth/token', silence: true, times: 'always' })
    const { code, unknown } = await lines({}, [], '3')
    expect(unknown).toContainEqual(
      expect.objectContaining({ check: 'zoomApp', says: 'There was no answer within 3 seconds.' }),
    )
    expect(code).toBe(0)
  })

  test('passes an app at Zoom that lacks only what some options need, and names that', async () => {
    deployment.withoutScope('user:read:settings:admin')
    const { passed, code } = await lines()
    expect(passed).toContainEqual(
      expect.objectContaining({
        finding: 'zoom_options_missing',
        says: expect.stringContaining('user:read:settings:admin'),
      }),
    )
    expect(code).toBe(0)
  })

  test('says to which addresses nobody who signs in to an app comes back, and that the rest is right', async () => {
    const { entra, redirectsTo, exchange, publicUrl } = deployment
    const { redirectUris } = entra.registered.object().web
    onTestFinished(() => void entra.registered.change({ web: { redirectUris } }))
    entra.registered.change({ web: { redirectUris: [] } })
    redirectsTo(`${publicUrl}/link/zoom/callback`)
    const { passed, failed } = await lines({ EXCHANGE: exchange() })
    expect(failed).toEqual([])
    for (const [finding, address] of [
      ['entra_app_redirect_missing', '/apps/sign-in/callback'],
      ['zoom_app_redirect_missing', '/apps/sign-in/zoom'],
    ])
      expect(passed).toContainEqual(
        expect.objectContaining({ finding, says: expect.stringContaining(`${publicUrl}${address}`) }),
      )
  })

  test('cannot tell which scopes the user-managed app has before somebody connects a Zoom account', async () => {
    const { unknown, code } = await lines()
    expect(unknown).toContainEqual(
      expect.objectContaining({
        finding: 'zoom_user_scopes_unseen',
        fix: expect.stringContaining('Connect a Zoom account of your own in the pane'),
      }),
    )
    expect(code).toBe(0)
  })

  test('cannot tell whether the redirect address is registered from a sign-in page that fails', async () => {
    onTestFinished(deployment.mend)
    deployment.faults.add({ vendor: 'zoom', match: '/oauth/authorize', status: 403 })
    const { unknown, code } = await lines()
    expect(unknown).toContainEqual(
      expect.objectContaining({
        finding: 'zoom_user_redirect_unclear',
        fix: expect.stringMatching(/Look whether https:.*\/link\/zoom\/callback is the redirect address/),
      }),
    )
    expect(code).toBe(0)
  })

  test('follows Zoom from page to page to the sign-in, and to nobody else', async () => {
    onTestFinished(deployment.mend)
    const redirect = (location: string) =>
      deployment.faults.add({
        vendor: 'zoom',
        match: '/oauth/authorize',
        status: 302,
        headers: { location },
      })
    // Zoom has no such page here.
    redirect('/oauth/signin?lost')
    expect((await lines()).unknown).toContainEqual(
      expect.objectContaining({ finding: 'zoom_user_redirect_unclear' }),
    )
    expect(deployment.faults.calls()).toContainEqual({ vendor: 'zoom', call: 'GET /oauth/signin' })
    redirect('https://nowhere.invalid/')
    expect((await lines()).unknown).toContainEqual(
      expect.objectContaining({ finding: 'zoom_user_redirect_unclear' }),
    )
  })

  test('cannot tell how a room is set that has accepted nothing, whatever it has organised itself', async () => {
    deployment.accepted({ subject: 'Cleaning', body: '', isOrganizer: true })
    const { unknown, code } = await lines({}, ['--room', attic])
    expect(unknown).toContainEqual(
      expect.objectContaining({ finding: 'room_empty', fix: expect.stringContaining('Invite the room') }),
    )
    expect(code).toBe(0)
  })

  test('says nothing of what a room has accepted', async () => {
    deployment.accepted({ subject: 'Canary title', body: 'Canary text' })
    const { code, printed } = await deployment.doctor({}, '--room', attic, '--seconds', '60')
    expect(code).toBe(0)
    expect(printed).toContain(`${attic} keeps the title and the text of what it accepts (looked at: 1).`)
    expect(printed).not.toContain('Canary')
  })

  test('looks at nothing that depends on what fails', async () => {
    const { unknown, code } = await lines({ PUBLIC_URL: 'https://nowhere.invalid' })
    expect(code).toBe(1)
    expect(unknown).toContainEqual(
      expect.objectContaining({ check: 'tls', fix: 'Mend “Name of the service” first.' }),
    )
    // Not “Service behind the proxy”, which waits too.
    expect(unknown).toContainEqual(
      expect.objectContaining({ check: 'manifest', fix: 'Mend “Name of the service” first.' }),
    )
  })

  test('names every setting that is wrong', async () => {
    const { code, failed } = await lines({
      PORT: 'none',
      ENTRA_CLIENT_ID: undefined,
      EXCHANGE: '[{}]',
      VAULT_KEYS: undefined,
      GOOGLE_CLIENT_ID: 'one',
    })
    const [mend, set] = [
      'Correct the setting and start the service again.',
      'Set it; the guide says where the value comes from.',
    ]
    expect(failed.map(({ says, finding, fix }) => [says.split(' (for')[0], finding, fix])).toEqual([
      ['PORT must be a number', 'setting_wrong', mend],
      ['ENTRA_CLIENT_ID is missing', 'setting_missing', set],
      ['EXCHANGE.0.metadataUrl is missing', 'setting_wrong', mend],
      [expect.stringMatching(/^VAULT_KEYS is missing: /), 'setting_missing', set],
      [expect.stringMatching(/^GOOGLE_CLIENT_SECRET is missing/), 'setting_missing', set],
    ])
    expect(code).toBe(1)
  })

  test('says to somebody who has no settings where to run it, and names each that is needed', async () => {
    const names = Object.keys(variables).filter((name) => name !== 'PORT')
    const { failed, code } = await lines(Object.fromEntries(names.map((name) => [name, undefined])))
    expect(code).toBe(1)
    expect(failed.map(({ says }) => says.split(' (')[0])).toEqual(
      expect.arrayContaining([
        'PUBLIC_URL is missing',
        'ENTRA_CLIENT_ID is missing',
        'ENTRA_TENANTS is missing',
        'ZOOM_ACCOUNT_ID is missing',
        'ZOOM_CLIENT_ID is missing',
        'ZOOM_CLIENT_SECRET is missing',
        'VAULT_KEYS is missing: set it, or name a file with the keys in VAULT_KEYS_FILE',
      ]),
    )
    expect(failed.at(-1)).toMatchObject({
      says: 'None of the service’s settings is here.',
      fix: expect.stringContaining('Run doctor where the service runs'),
    })
  })

  test('finds three mistakes at once, each with its own fix and guide', async () => {
    const { failed, unknown, code } = await lines({
      ENTRA_CLIENT_SECRET: 'wrong',
      ZOOM_CLIENT_SECRET: 'wrong',
      DATABASE_URL: 'postgres://localhost:1/none',
    })
    expect(Object.fromEntries(failed.map(({ finding, section }) => [finding, section]))).toEqual({
      entra_secret_wrong: 'docs/key-rotation.md#the-secret-at-entra',
      zoom_refused: 'docs/zoom.md#the-accounts-app',
      database_unreachable: 'docs/administrators.md#3-run-the-service',
    })
    expect(code).toBe(1)
    const waiting = unknown.flatMap(({ finding, check, fix }) => (finding === 'waits' ? [[check, fix]] : []))
    expect(waiting).toContainEqual(['entraToken', 'Mend “Entra: client secret” first.'])
    expect(waiting).toContainEqual(['vault', 'Mend “Database” first.'])
  })

  test('speaks French, and says where to read on', async () => {
    const { printed } = await deployment.doctor({ PUBLIC_URL: 'https://nowhere.invalid' }, '--language', 'fr')
    expect(printed).toContain('ÉCHEC  Nom du service – Le nom nowhere.invalid n’existe pas.')
    expect(printed).toContain('Créez un enregistrement DNS pour nowhere.invalid')
    expect(printed).toContain('docs/administrators.md#3-run-the-service')
  })
})

test('every finding that fails has its case, but for those about settings, which are tested by themselves', () => {
  expect([...foundBy(faults), 'setting_wrong', 'setting_missing', 'settings_absent'].sort()).toEqual(
    namesOf('fail'),
  )
})

test('every finding that cannot tell has its case, but for those which are tested by themselves', () => {
  const byThemselves: readonly FindingName[] = [
    'entra_registration_closed',
    'entra_registration_refused',
    'late',
    'room_empty',
    'service_account_unused',
    'waits',
    'webhook_inside',
    'zoom_user_redirect_unclear',
    'zoom_user_scopes_unseen',
  ]
  expect([...foundBy(unknowns), ...byThemselves].sort()).toEqual(namesOf('unknown'))
})

/** What the cases of a table find. */
const foundBy = (cases: readonly (Fault | Unknown)[]) =>
  new Set(cases.flatMap(([, , finds]) => Object.values(finds)))
const namesOf = (wanted: State) =>
  Object.entries(findings)
    .flatMap(([name, [state]]) => (state === wanted ? [name] : []))
    .sort()

test('every finding of the doctor leads to a section of a guide that exists', () => {
  for (const [, section] of Object.values(findings)) {
    const [page = '', anchor] = section.split('#')
    expect(anchorsOf(readFileSync(`docs/${page}`, 'utf8')), section).toContain(anchor)
  }
})

/** As GitHub makes them of headings. */
const anchorsOf = (page: string) =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )
