import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPostgres } from '../../kit.ts'
import { expectFound, faults } from '../faults.ts'
import { type Deployment, openDeployment } from '../kit.ts'

describe.skipIf(!hasPostgres)('the command, as it is built', () => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await openDeployment({ built: true })
  })
  afterAll(() => deployment?.close())

  const nowhere = { PUBLIC_URL: 'https://nowhere.invalid' }

  test('knows twenty faults and more', () => {
    expect(new Set(faults.flatMap(([, , fails]) => Object.values(fails))).size).toBeGreaterThanOrEqual(20)
  })

  test.for(faults)('finds %s, and names the fix', (fault) => expectFound(deployment, fault))

  test('ends with 0 where nothing fails, and says how many checks passed', async () => {
    const { code, printed } = await deployment.doctor(
      {},
      '--seconds',
      '60',
      '--graph-token-file',
      deployment.graphToken,
    )
    expect(printed).not.toContain('FAIL ')
    expect(printed).toMatch(/\n\n\d+ pass, 4 cannot tell from here, 0 FAIL$/)
    expect(code).toBe(0)
  })

  test('says last what fails, with the fix and where to read on', async () => {
    const { code, printed } = await deployment.doctor(nowhere)
    expect(printed).toMatch(
      /FAIL {2}Name of the service – The name nowhere.invalid does not exist\.\n {4}Create a DNS record .*\(docs\/administrators\.md#3-run-the-service\)\n/,
    )
    const states = printed
      .split('\n')
      .flatMap((line) => /^(pass|cannot tell from here|FAIL) {2}/.exec(line)?.[1] ?? [])
    expect([...new Set(states)]).toEqual(['pass', 'cannot tell from here', 'FAIL'])
    expect(states.toSorted((one, other) => order.indexOf(one) - order.indexOf(other))).toEqual(states)
    expect(code).toBe(1)
  })

  test('speaks the language of the environment, or another if it is told to', async () => {
    const { printed } = await deployment.doctor({ ...nowhere, LC_ALL: 'fr_CA.UTF-8' })
    expect(printed).toContain('ÉCHEC  Nom du service – Le nom nowhere.invalid n’existe pas.')
    const asked = await deployment.doctor({ ...nowhere, LC_ALL: 'fr_CA.UTF-8' }, '--language', 'en')
    expect(asked.printed).toContain('FAIL  Name of the service')
  })

  test.each([
    [['--language', 'de'], '--language must be en or fr'],
    [['--seconds', '0'], '--seconds must be a number from 1 to 999'],
    [['--graph-token-file', '/nowhere'], '--graph-token-file names a file that cannot be read (ENOENT)'],
    [['--graph-token-file', '-'], '--graph-token-file has no access token'],
    [['--room', 'attic'], '--room must be the address of a mailbox'],
    [['--verbose'], "Unknown option '--verbose'"],
  ])('ends with 2 and names the option after %s', async (args, says) => {
    const { code, printed, errors } = await deployment.doctor({}, ...args)
    expect(errors).toContain(says)
    expect(printed).toBe('')
    expect(code).toBe(2)
  })
})

/** What fails is what a terminal shows last. */
const order = ['pass', 'cannot tell from here', 'FAIL']
