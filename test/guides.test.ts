import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { blocksOf } from './guide.ts'

/**
 * The blocks of a section, by their languages, and the test that runs them; or, in words, why none can. No test runs
 * PowerShell.
 */
type Row = [blocks: string, proof: string]

const powershell = 'No test has PowerShell, and a server or a tenant for it.'
const production = 'test/e2e/wide/production.test.ts'
const commands = 'test/service/admin/long/guide.test.ts'
const companion = 'test/app/companion/page.test.ts'
const rotation = 'test/service/vault/long/rotation.test.ts'

/** Every block of code that a reader meets, by page and heading. A new one needs a test that runs it, or a reason. */
const rows: Record<string, Record<string, Row>> = {
  'README.md': {
    'Try it': ['sh', 'The first builds what tests use, and the second runs this. Below, both are scripts.'],
  },
  'docs/administrators.md': {
    '3. Run the service': [
      'sh',
      'The steps of Containerfile, which production.test.ts takes. Below, all are scripts.',
    ],
    'Check the deployment': ['sh', commands],
    '7. Watch for expiring links': ['json', 'test/service/lifetime.test.ts'],
    'Mailboxes that you connect': ['sh', commands],
    '12. The audit trail': ['sh sh', commands],
    'The same by command': ['sh', commands],
    'Options of meetings': ['sh', commands],
    'The invitation': ['sh', commands],
  },
  'docs/deploy-the-add-in.md': {
    'In Exchange Server': ['powershell', powershell],
    'Icons of your own': ['yaml', production],
  },
  'docs/developers.md': {
    'The tree': ['', 'test/pages.test.ts'],
    Commands: ['sh', 'They build, measure and test for minutes, some for hours. Below, all are scripts.'],
  },
  'docs/entra.md': { 'By the script': ['sh', 'test/service/entra-script/wide/entra-script.test.ts'] },
  'docs/exchange-online.md': {
    'Exchange Online: only some calendars': ['powershell powershell sh', commands],
  },
  'docs/exchange-server.md': {
    '1. The certificate that signs tokens': ['powershell sh sh', 'test/service/identity/exchange.test.ts'],
    '3. EWS and Extended Protection': ['powershell', powershell],
    'A proxy that keeps answers back': ['powershell', powershell],
    '4. A service account': ['powershell', powershell],
  },
  'docs/getting-started.md': {
    '3. Build the image, and make keys and passwords': ['sh', production],
    '5. Register the application in Entra ID': ['sh', production],
    '6. Create the app at Zoom': ['ini', production],
    '7. Start the service': ['sh', production],
    '8. Check it from the outside in': ['sh', production],
  },
  'docs/incidents.md': {
    'A laptop is stolen': ['sh sh', 'test/service/admin/wide/incidents.test.ts'],
    'Somebody has published a fake add-in': ['powershell', powershell],
  },
  'docs/key-rotation.md': {
    'The key of the vault': ['sh sh', rotation],
    'A key in Azure Key Vault': ['sh', rotation],
    'The secret at Entra': ['sh', rotation],
    'The secret of the Zoom app': ['sh', rotation],
    'The secret tokens of Zoom': ['sh', rotation],
    'The client secret at Google': ['sh', rotation],
    'The password of the database': ['sql sql', rotation],
    'In containers': ['sh sh sh', production],
  },
  'docs/plug-in-bridge.md': {
    'Find the companion': ['json', companion],
    'Prove yourself': ['text text', companion],
    'Ask for a meeting': ['text', companion],
  },
  'docs/rooms.md': {
    'Keep the link': ['powershell', powershell],
    'Links that are rewritten': ['powershell', powershell],
  },
  'docs/simulator.md': { 'For scripts': ['sh', 'test/e2e/world.test.ts'] },
  'docs/upcoming.md': { 'In a terminal': ['sh', 'test/e2e/upcoming-terminal.test.ts'] },
  'docs/upgrade.md': {
    'With the compose file': ['sh', production],
    'Go back': ['sh', production],
  },
}

const inRoot = (path: string) => new URL(`../${path}`, import.meta.url)
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(inRoot('docs')).map((name) => `docs/${name}`),
]
  .filter((path) => path.endsWith('.md'))
  .map((page) => ({ page, blocks: blocksOf(page) }))

test('each block of code in a page is run by a test, or there is a reason', () => {
  const found = pages.flatMap(({ page, blocks }) =>
    [...new Set(blocks.map(({ heading }) => heading))].map((heading) => {
      const these = blocks.filter((block) => block.heading === heading)
      return `${page}, ${heading}: ${these.map(({ language }) => language).join(' ')}`
    }),
  )
  const named = Object.entries(rows).flatMap(([page, sections]) =>
    Object.entries(sections).map(([heading, [blocks]]) => `${page}, ${heading}: ${blocks}`),
  )
  expect(found.sort()).toEqual(named.sort())
})

test('a test that is said to run a block reads it from that page', () => {
  const others = Object.entries(rows).flatMap(([page, sections]) =>
    Object.entries(sections).flatMap(([heading, [blocks, proof]]) => {
      // What has no language is checked as a whole.
      if (!proof.startsWith('test/') || blocks === '') return []
      const source = existsSync(inRoot(proof)) ? readFileSync(inRoot(proof), 'utf8') : ''
      return [page, heading]
        .filter((words) => !source.includes(`'${words}'`))
        .map((words) => `${proof}: ${words}`)
    }),
  )
  expect(others).toEqual([])
})

test('a page with PowerShell says what that was compared with', () => {
  const silent = pages.filter(
    ({ page, blocks }) =>
      blocks.some(({ language }) => language === 'powershell') &&
      !readFileSync(inRoot(page), 'utf8').includes('compared with excerpts'),
  )
  expect(silent.map(({ page }) => page)).toEqual([])
})

test('what is not run calls scripts of this package that exist', () => {
  const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
  const called = pages.flatMap(({ blocks }) =>
    blocks.flatMap(({ text }) =>
      [...text.matchAll(/\bnpm (?:run )?(?!ci\b|run\b)([\w:]+)/g)].map(([, name = '']) => name),
    ),
  )
  expect(called.length).toBeGreaterThan(20)
  expect(called.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
})
