import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../src/service/all-settings.ts'
import type { InvalidSettings } from '../../src/service/settings/read.ts'
import { temporaryFolder } from '../../src/simulator/kit/temporary.ts'
import { engines, hasPostgres, openWorld, variables } from './kit.ts'

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

describe('icons of an organisation', () => {
  /** A folder with the published icons, which a test changes. */
  function ownIcons(): string {
    const { path, remove } = temporaryFolder()
    onTestFinished(remove)
    cpSync('assets', path, { recursive: true })
    return path
  }

  test('are named by both manifests and served, and a changed icon has another address', async () => {
    const { started } = await opened(hasPostgres ? 'PostgreSQL' : 'embedded')
    const PUBLIC_URL = 'https://zoom.example'
    const ADDIN_ICONS = ownIcons()
    const before = await started({ PUBLIC_URL, ADDIN_ICONS })
    const addresses = addressesIn(await before.read())
    expect(addressesIn(await before.read('/manifest-without-launch-events.xml'))).toEqual(addresses)
    const names = readdirSync('assets').filter((name) => name.endsWith('.png'))
    expect([...addresses.keys()].sort()).toEqual(names.sort())
    const guide = readFileSync('docs/deploy-the-add-in.md', 'utf8')
    for (const name of names) expect(guide).toContain(`\`${name}\``)
    for (const [name, address] of addresses) {
      const answer = await fetch(address.replace(PUBLIC_URL, before.origin))
      expect(answer.headers.get('content-type')).toBe('image/png')
      expect(answer.headers.get('cache-control')).toContain('immutable')
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(readFileSync(join('assets', name)))
    }

    appendFileSync(join(ADDIN_ICONS, 'icon-16.png'), 'changed')
    const after = await started({ PUBLIC_URL, ADDIN_ICONS })
    const changed = addressesIn(await after.read())
    for (const [name, address] of changed) expect(address).not.toBe(addresses.get(name))
    expect([await before.version(), await after.version()]).toEqual(['0.1.0.0', '0.1.0.1'])
    // Nothing caches other content at an address that names this one.
    const other = changed.get('icon-16.png')?.replace(PUBLIC_URL, before.origin) ?? ''
    expect((await fetch(other)).status).toBe(404)
  })

  test('that cannot be used stop the start, each named with what is wrong', () => {
    const ADDIN_ICONS = ownIcons()
    const at = (name: string) => join(ADDIN_ICONS, name)
    rmSync(at('icon-25.png'))
    writeFileSync(at('icon-48.png'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    copyFileSync('assets/icon-64.png', at('icon-80.png'))
    appendFileSync(at('icon-96.png'), Buffer.alloc(200_000))
    const faults = faultsOf({ ADDIN_ICONS })
    expect(faults.map((fault) => fault.replace(/ \(for example .*/, '')).sort()).toEqual([
      'ADDIN_ICONS names a folder whose icon-25.png cannot be read',
      'ADDIN_ICONS names a folder whose icon-48.png is no PNG',
      'ADDIN_ICONS names a folder whose icon-80.png has 64 × 64 pixels instead of 80 × 80',
      'ADDIN_ICONS names a folder whose icon-96.png has more than 200 kB',
    ])
  })
})

/** The address of each icon that a manifest names, by its file. */
const addressesIn = (xml: string) =>
  new Map(
    [...xml.matchAll(/"(https:[^"]*\/(icon-\d+\.png))"/g)].map(([, address = '', name = '']) => [
      name,
      address,
    ]),
  )

function faultsOf(changes: Record<string, string>): readonly string[] {
  try {
    readSettings({ ...variables, ...changes })
    return []
  } catch (error) {
    return (error as InvalidSettings).faults.map(({ says }) => says)
  }
}
