import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckName, FindingName, State } from '../../../src/contract/doctor.ts'
import { findings } from '../../../src/contract/doctor.ts'
import { hasPostgres } from '../kit.ts'
import { canTrust, certificateFor, certificateOf, openDeployment } from './kit.ts'

type Deployment = Awaited<ReturnType<typeof openDeployment>>
interface Line {
  check: CheckName
  finding: FindingName
  state: State
  says: string
  fix?: string
  section: string
}

describe.skipIf(!canTrust || !hasPostgres)('doctor', () => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await openDeployment()
  })
  afterAll(() => deployment?.close())

  async function lines(changes: Record<string, string | undefined> = {}) {
    const { code, printed } = await deployment.doctor(changes, '--json')
    const { lines } = JSON.parse(printed) as { lines: Line[] }
    const is = (state: State) => lines.filter((line) => line.state === state)
    return { code, lines, failed: is('fail'), passed: is('pass'), unknown: is('unknown') }
  }

  test('finds nothing wrong in a deployment where nothing is wrong', async () => {
    const { code, failed, passed } = await lines()
    expect(failed).toEqual([])
    expect(code).toBe(0)
    expect(passed.map(({ check }) => check)).toEqual(['dns', 'tls', 'manifest'])
  })

  /** What is wrong, how that is planted, what the doctor finds, and words of its fix. */
  type Fault = readonly [says: string, plant: (at: Deployment) => unknown, finding: FindingName, fix: RegExp]
  const faults: readonly Fault[] = [
    [
      'no DNS record',
      () => ({ PUBLIC_URL: 'https://nowhere.invalid' }),
      'dns_missing',
      /Create a DNS record for nowhere.invalid/,
    ],
    ['no proxy', () => ({ PUBLIC_URL: 'https://localhost:1' }), 'tls_unreachable', /Start the proxy/],
    [
      'a certificate of nobody’s',
      async ({ secure }) => secure(await certificateFor(30), await certificateFor(30)),
      'tls_untrusted',
      /certificate from a public authority/,
    ],
    [
      'a certificate that has ended',
      async ({ secure }) => {
        const ended = await certificateFor(-1)
        secure(ended, ended)
      },
      'tls_expired',
      /Renew the certificate of localhost/,
    ],
    [
      'a certificate that ends soon',
      async ({ secure }) => {
        const ending = await certificateFor(10)
        secure(ending, ending)
      },
      'tls_ends',
      /Renew the certificate of localhost/,
    ],
    [
      'a certificate for another name',
      async ({ secure }) => {
        const other = await certificateOf('other.example')
        secure(other, other)
      },
      'tls_other_name',
      /Get a certificate that names localhost/,
    ],
    [
      'an old version of TLS',
      ({ secure }) => secure({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      'tls_old',
      /accept TLS 1.2 or later only/,
    ],
    [
      'a proxy that cannot reach the service',
      ({ answer }) => answer(() => new Response('Bad gateway', { status: 502 })),
      'manifest_missing',
      /Let the proxy pass every path/,
    ],
    [
      'a proxy to another service',
      ({ answer }) =>
        answer(({ url }) => (url.endsWith('/manifest.xml') ? new Response('<OfficeApp/>') : undefined)),
      'manifest_other',
      /name the same service/,
    ],
  ]

  test.each(faults)('finds %s, and names the fix', async (_, plant, finding, fix) => {
    const changes = (await plant(deployment)) as Record<string, string> | undefined
    const { code, failed } = await lines(changes)
    expect(failed).toEqual([expect.objectContaining({ finding, fix: expect.stringMatching(fix) })])
    expect(code).toBe(1)
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
    expect(printed).toContain('échec\tNom du service\tLe nom nowhere.invalid n’existe pas.')
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
