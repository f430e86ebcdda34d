#!/usr/bin/env bash
# @pnp/graph 4.21.0: the calendar of a guest is another address, and the answer looks like an empty calendar or a user.
#
# Behaviour: Entra gives a guest a user principal name with "#EXT#" in it. `users.getById(name)` puts it into the address
#   as it is, so all from the "#" on is a fragment, which no client sends: the calendar's path, the view and its dates
#   go with it. Graph is asked for a user by half a name.
# Output: /v1.0/users/ada_fabrikam.example
#         /v1.0/users/ada@contoso.example/calendar/calendarView?startDateTime=2026-11-30T00%3A00%3A00Z&endDateTime=… (a member)
# A good engineer would have guessed: a typed client that takes an id encodes it, as it does the two dates.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --silent --no-audit --no-fund --ignore-scripts @pnp/graph@4.21.0 @pnp/core@4.21.0 @pnp/queryable@4.21.0 >>npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { DefaultInit, graphfi } from '@pnp/graph'
import '@pnp/graph/calendars/index.js'
import '@pnp/graph/users/index.js'
import { BrowserFetch, DefaultParse } from '@pnp/queryable'

const asked = []
const graph = createServer((request, response) => {
  asked.push(request.url)
  response.setHeader('content-type', 'application/json').end('{"value":[]}')
}).listen(0, '127.0.0.1')
await once(graph, 'listening')
const client = graphfi(`http://127.0.0.1:${graph.address().port}/v1.0`).using(DefaultInit(), BrowserFetch(), DefaultParse())

for (const name of ['ada_fabrikam.example#EXT#@contoso.example', 'ada@contoso.example']) {
  await client.users.getById(name).calendar.calendarView('2026-11-30T00:00:00Z', '2026-12-01T00:00:00Z')()
}
graph.close()
console.log(asked.join('\n'))
const days = 'startDateTime=2026-11-30T00%3A00%3A00Z&endDateTime=2026-12-01T00%3A00%3A00Z'
assert.deepEqual(asked, [
  '/v1.0/users/ada_fabrikam.example',
  `/v1.0/users/ada@contoso.example/calendar/calendarView?${days}`,
])
JS
node probe.mjs
