// Stands in for the Azure CLI, as far as deploy/entra.sh and the guides use it: `az login`, `az account show`, `az account
// get-access-token` and `az rest`, with the outputs tsv, json and none. Sources: Azure CLI, "az rest"; knack, output.py. `AZ_GRAPH`: where Microsoft Graph is. `AZ_TOKEN`: of the
// person who has signed in, if anybody has. `AZ_TENANT`: their directory. `AZ_LOG`: gets a line for each request.
import { appendFileSync } from 'node:fs'
import { argv, env, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import jmespath from 'jmespath'

const [group, command] = argv.slice(2)
// The person signs in in a browser.
if (group === 'login' && command === '--allow-no-subscriptions') exit(0)
if (!env.AZ_TOKEN) fail('Please run "az login" to setup account.')
const kinds = ['method', 'url', 'output', 'query', 'body', 'headers', 'resource-type'].map((name) => [
  name,
  { type: 'string' },
])
const options = { ...Object.fromEntries(kinds), 'only-show-errors': { type: 'boolean' } }
const { values } = parseArgs({ args: argv.slice(group === 'rest' ? 3 : 4), options })
if (group === 'rest') print(await rest())
else if (group === 'account' && command === 'show') print({ tenantId: env.AZ_TENANT })
else if (group === 'account' && command === 'get-access-token' && values['resource-type'] === 'ms-graph')
  print({ accessToken: env.AZ_TOKEN })
else fail(`az ${group} is not played`)

async function rest() {
  const { method, url, body, headers } = values
  const there = 'https://graph.microsoft.com/'
  if (!url.startsWith(there)) fail(`${url} is not played`)
  appendFileSync(env.AZ_LOG, `${method} ${url.slice(there.length)}\n`)
  const [name, value] = headers?.split('=') ?? ['accept', 'application/json']
  const answer = await fetch(`${env.AZ_GRAPH}/${url.slice(there.length)}`, {
    method: method.toUpperCase(),
    headers: { authorization: `Bearer ${env.AZ_TOKEN}`, [name]: value },
    ...(body && { body: JSON.stringify(JSON.parse(body)) }),
  })
  const text = await answer.text()
  if (!answer.ok) fail(`${answer.statusText}(${text})`)
  return text ? JSON.parse(text) : null
}

function print(answer) {
  const { query, output = 'json' } = values
  const found = query ? jmespath.search(answer, query) : answer
  if (found === null || output === 'none') return
  if (output === 'json') stdout.write(`${JSON.stringify(sorted(found), null, 2)}\n`)
  else for (const row of [found].flat()) stdout.write(`${row ?? 'None'}\n`)
}

/** With the names of each object in order. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]))
}

function fail(sentence) {
  stderr.write(`ERROR: ${sentence}\n`)
  exit(1)
}
