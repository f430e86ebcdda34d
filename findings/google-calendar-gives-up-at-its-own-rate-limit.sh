#!/usr/bin/env bash
# @googleapis/calendar 20.0.1 does not ask again at the rate limit of Google Calendar, and ignores Retry-After.
#
# Behaviour: Google's guide to the calendar API has two answers for too many requests, 403 rateLimitExceeded and 429, and
#   asks callers to back off and try again after both. Google's client tries a read again after 429 and 503, but after 403
#   it ends with an error. After 429 it waits for 100 ms the first time, also where Retry-After asks for two seconds.
# Output: 503: 2 requests, answered
#         429, Retry-After 2: 2 requests, answered, second request before two seconds: true
#         403 rateLimitExceeded: 1 request, error 403
# A good engineer would have guessed: two requests and an answer in each case, and two seconds between those with Retry-After.
# Needs Node 20 or later, though the package asks for 22; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @googleapis/calendar@20.0.1 gaxios@8.3.3 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { calendar } from '@googleapis/calendar'

let busy
let times = []
const google = createServer((_request, response) => {
  times.push(Date.now())
  const [status, headers, body] = times.length === 1 ? busy : [200, {}, { items: [] }]
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}).listen(0, '127.0.0.1')
await new Promise(resolve => google.once('listening', resolve))
const client = calendar({ version: 'v3', rootUrl: `http://127.0.0.1:${google.address().port}/` })

const read = async answer => {
  busy = answer
  times = []
  const end = await client.events.list({ calendarId: 'primary' }).then(
    () => 'answered',
    error => `error ${error.status}`,
  )
  return `${times.length} request${times.length === 1 ? '' : 's'}, ${end}`
}
const message = 'Rate Limit Exceeded'
const errors = [{ domain: 'usageLimits', reason: 'rateLimitExceeded', message }]
const said = [
  `503: ${await read([503, {}, {}])}`,
  `429, Retry-After 2: ${await read([429, { 'retry-after': '2' }, {}])}, second request before two seconds: ${times[1] - times[0] < 1900}`,
  `403 rateLimitExceeded: ${await read([403, {}, { error: { code: 403, message, errors } }])}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  '503: 2 requests, answered',
  '429, Retry-After 2: 2 requests, answered, second request before two seconds: true',
  '403 rateLimitExceeded: 1 request, error 403',
])
process.exit()
JS
node probe.mjs
