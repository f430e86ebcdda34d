// `npm run sideload -- https://addin.contoso.example`: puts the add-in of a deployment into a real Outlook, for its own
// person only. `npm run sideload -- --stop` takes it out again.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process, { argv, exit } from 'node:process'
import { OfficeAddinManifest } from 'office-addin-manifest'

/** Microsoft's tool. No dependency, because its native part does not build everywhere. */
const tool = 'office-addin-debugging@7.0.0'
const file = 'artifacts/sideload/manifest.xml'
const [asked = 'https://localhost:3001'] = argv.slice(2)

if (asked === '--stop') {
  if (!existsSync(file)) fail('Nothing was sideloaded from this folder.')
  if (process.platform === 'win32') exit(debugging('stop', file))
  fail('Remove the add-in at https://aka.ms/olksideload, under "My add-ins", "Custom Addins".')
}

if (!/^https:\/\/[^/]+\/?$/.test(asked))
  fail('Give the address of the service: npm run sideload -- https://addin.contoso.example')
const address = `${asked.replace(/\/$/, '')}/manifest.xml`
const answer = await fetch(address, { signal: AbortSignal.timeout(30_000) }).catch(({ cause, message }) =>
  fail(`${address} does not answer (${cause?.code ?? message}).`),
)
if (!answer.ok) fail(`${address} answers with the status ${answer.status}.`)
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, await answer.text())
const { displayName, version } = await OfficeAddinManifest.readManifestFile(file).catch(({ message }) =>
  fail(`${address} is no manifest (${message}).`),
)
if (!displayName || !version) fail(`${address} is no manifest.`)
console.log(`${displayName} ${version}: ${file}`)

// The tool puts an add-in into classic Outlook on Windows by the registry. Every other Outlook has those of its mailbox.
if (process.platform === 'win32') exit(debugging('start', file, 'desktop', '--no-debug'))
console.log(`Open https://aka.ms/olksideload, choose "My add-ins", "Add a custom add-in", "Add from File", and that file.
The add-in is then in every Outlook of your mailbox.`)

function debugging(...args) {
  const { status } = spawnSync('npx', ['--yes', tool, ...args], { stdio: 'inherit', shell: true })
  return status ?? 1
}

function fail(sentence) {
  console.error(sentence)
  exit(1)
}
