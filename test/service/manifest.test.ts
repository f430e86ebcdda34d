import { describe, expect, onTestFinished, test } from 'vitest'
import { engines, hasPostgres, openWorld } from './kit.ts'

type World = Awaited<ReturnType<typeof openWorld>>
type Changes = Parameters<World['startService']>[0]

async function opened(engine: Parameters<typeof openWorld>[0]) {
  const world = await openWorld(engine)
  onTestFinished(() => world.close())
  /** Starts a process, reads its manifest, and leaves it running. */
  async function started(changes: Changes = {}) {
    const service = await world.startService(changes)
    const read = async (path = '/manifest.xml') => (await fetch(`${service.origin}${path}`)).text()
    return { ...service, read, version: async () => versionIn(await read()) }
  }
  return { world, started }
}

const versionIn = (xml: string) => /<Version>([\d.]+)<\/Version>/.exec(xml)?.[1]

describe.each(engines)('the version of the manifest, on %s', (engine) => {
  test('is that of the release at first, and rises with each change of content only', async () => {
    const { started } = await opened(engine)
    const versions: unknown[] = []
    const changes: Changes[] = [
      {},
      {},
      { ADDIN_NAME: 'Zoom (pilot)' },
      { ADDIN_NAME: 'Zoom (pilot)' },
      { ADDIN_NAME: 'Zoom (pilot)', PUBLIC_URL: 'https://other.example' },
      {},
      {},
    ]
    for (const change of changes) {
      const { version, stop } = await started(change)
      versions.push(await version())
      await stop()
    }
    expect(versions).toEqual([
      ...['0.1.0.0', '0.1.0.0', '0.1.0.1', '0.1.0.1', '0.1.0.2', '0.1.0.3', '0.1.0.3'],
    ])
  })

  test('is the same with and without launch events', async () => {
    const { started } = await opened(engine)
    const { read } = await started({ ADDIN_NAME: 'Zoom (pilot)' })
    expect(versionIn(await read('/manifest-without-launch-events.xml'))).toBe(versionIn(await read()))
  })
})

describe.skipIf(!hasPostgres)('of several processes', () => {
  test('each says the same version', async () => {
    const { started } = await opened('PostgreSQL')
    const processes = await Promise.all([{}, {}, {}].map((change) => started(change)))
    expect(await Promise.all(processes.map(({ version }) => version()))).toEqual([
      '0.1.0.0',
      '0.1.0.0',
      '0.1.0.0',
    ])
  })

  test('two contents that are served for the first time at once have two versions', async () => {
    const { started, world } = await opened('PostgreSQL')
    const processes = await Promise.all(['one', 'two', 'three'].map((ADDIN_NAME) => started({ ADDIN_NAME })))
    const versions = await Promise.all(processes.map(({ version }) => version()))
    expect(new Set(versions).size).toBe(3)
    expect(await world.sql('select sequence from manifests order by sequence')).toEqual(
      [0, 1, 2].map((sequence) => ({ sequence })),
    )
  })

  test('an older one does not take the version back from a newer release', async () => {
    const { started, world } = await opened('PostgreSQL')
    const before = await started()
    // What a process of release 0.2.0 does at its start.
    await world.sql(`insert into manifests values (1, 2000, sha256('newer'))`)
    const again = await started()
    expect([await before.version(), await again.version()]).toEqual(['0.1.0.0', '0.1.0.0'])
    const changed = await started({ ADDIN_NAME: 'Zoom (pilot)' })
    expect(await changed.version()).toBe('0.1.0.0')
    expect(await world.sql('select count(*)::int from manifests')).toEqual([{ count: 2 }])
  })

  test('a process that cannot ask the database says the version that it knows', async () => {
    const { started, world } = await opened('PostgreSQL')
    const { version } = await started({ ADDIN_NAME: 'Zoom (pilot)' })
    expect(await version()).toBe('0.1.0.0')
    await world.sql('alter table manifests rename to gone')
    expect(await version()).toBe('0.1.0.0')
  })
})

test('the manifest has the name and the id of the deployment, and its address everywhere', async () => {
  const { started } = await opened(hasPostgres ? 'PostgreSQL' : 'embedded')
  const ADDIN_ID = '7f1b2c3d-0000-4000-8000-000000000003'
  const settings = { ADDIN_ID, ADDIN_NAME: 'Zoom & "friends"', PUBLIC_URL: 'https://zoom.example' }
  const xml = await (await started(settings)).read()
  expect(xml).toContain(`<Id>${ADDIN_ID}</Id>`)
  expect(xml).toContain('<DisplayName DefaultValue="Zoom &amp; &quot;friends&quot;"/>')
  expect(xml).not.toContain('localhost')
  expect(xml.match(/https:\/\/zoom\.example\//g)?.length).toBeGreaterThan(10)
})
