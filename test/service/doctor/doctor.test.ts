import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { checkNames, findings, type Line } from '../../../src/contract/doctor.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { ada, hasPostgres } from '../kit.ts'
import { faults } from './faults.ts'
import { attic, canTrust, type Deployment, linesOf, openDeployment } from './kit.ts'

describe.skipIf(!canTrust || !hasPostgres)('doctor', () => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await openDeployment({ built: false })
  })
  afterAll(() => deployment?.close())

  const lines = (changes?: Record<string, string | undefined>, args?: readonly string[], seconds?: string) =>
    linesOf(deployment, changes, args, seconds)

  test('finds nothing wrong in a deployment where nothing is wrong', async () => {
    const { graph, accepted, mend, exchange } = deployment
    onTestFinished(mend)
    graph.limitScope()
    accepted({ subject: 'Weekly', body: 'A' }, { subject: 'Somebody else', body: '' })
    const { code, failed, passed, unknown } = await lines({ EXCHANGE: exchange() }, [
      ...['--room', attic],
      ...['--mailbox', attic, '--outside', ada.emailAddress],
    ])
    expect(failed).toEqual([])
    expect(code).toBe(0)
    // The internet does not reach this machine.
    expect(unknown.map(({ finding }) => finding)).toEqual(['webhook_inside', 'webhook_inside'])
    expect([...passed, ...unknown].map(({ check }) => check).sort()).toEqual(
      checkNames.filter((name) => name !== 'settings').sort(),
    )
  })

  test('does not look at what the deployment does not have', async () => {
    const { lines: all } = await lines({ ZOOM_WEBHOOK_SECRET_TOKEN: undefined, CALENDAR_SYNC: 'false' })
    const checks = all.map(({ check }) => check)
    for (const name of ['exchange', 'zoomWebhook', 'graphWebhook', 'subscriptions'] as const)
      expect(checks).not.toContain(name)
  })

  test('cannot tell how the application is registered without an administrator’s token', async () => {
    const { printed } = await deployment.doctor({}, '--json')
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
    const { unknown } = await lines()
    expect(unknown).toContainEqual(
      expect.objectContaining({
        finding: 'entra_registration_refused',
        says: expect.stringContaining('401'),
      }),
    )
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

  test.for(faults)('finds %s, and names the fix', async ([, plant, finding, fix, args]) => {
    onTestFinished(deployment.mend)
    const changes = (await plant(deployment)) as Record<string, string> | undefined
    const { code, failed } = await lines(changes, args)
    // A fault of the application can be met by more than one check.
    expect(new Set(failed.map((line) => line.finding))).toEqual(new Set([finding]))
    for (const line of failed) expect(line.fix).toMatch(fix)
    expect(code).toBe(1)
  })

  test('waits for no vendor for ever, and says what else it found', async () => {
    const { faults, mend } = deployment
    onTestFinished(mend)
    faults.add({ vendor: 'zoom', match: '/oauth/token', silence: true })
    const { code, unknown } = await lines({}, [], '3')
    expect(unknown).toContainEqual(
      expect.objectContaining({ check: 'zoomApp', says: 'There was no answer within 3 seconds.' }),
    )
    expect(code).toBe(0)
  })

  test('cannot tell how a room is set that has accepted nothing', async () => {
    deployment.accepted()
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
    const { unknown } = await lines({ PUBLIC_URL: 'https://nowhere.invalid' })
    expect(unknown).toContainEqual(
      expect.objectContaining({ check: 'tls', fix: 'Mend “Name of the service” first.' }),
    )
  })

  test('names every setting that is wrong', async () => {
    const { code, failed } = await lines({ PORT: 'none', ENTRA_CLIENT_ID: undefined })
    expect(failed.map(({ says }) => says)).toEqual([
      'PORT must be a number (for example 8080).',
      'ENTRA_CLIENT_ID is missing (for example 7f1b2c3d-0000-4000-8000-000000000002).',
    ])
    expect(code).toBe(1)
  })

  test('speaks French, and says where to read on', async () => {
    const { printed } = await deployment.doctor({ PUBLIC_URL: 'https://nowhere.invalid' }, '--language', 'fr')
    expect(printed).toContain('ÉCHEC  Nom du service – Le nom nowhere.invalid n’existe pas.')
    expect(printed).toContain('Créez un enregistrement DNS pour nowhere.invalid')
    expect(printed).toContain('docs/administrators.md#3-run-the-service')
  })
})

test('every finding of the doctor has its section in the administrators’ page', () => {
  const page = readFileSync('docs/administrators.md', 'utf8')
  const sections = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )
  for (const [, section] of Object.values(findings)) expect(sections).toContain(section)
})
