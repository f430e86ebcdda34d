#!/usr/bin/env bash
# @zoom/rivet 0.4.0, Zoom's own SDK: doubleEncodeUrl encodes the path itself, not the meeting UUID in it.
#
# Behaviour: Zoom asks that a meeting UUID that begins with a slash is URL-encoded twice. Without the option the UUID
#   is not encoded at all. With it the slashes of the path are encoded too, and the request is for one long name at the root.
#   Neither setting makes the request that Zoom asks for.
# Output: false: GET /v2/past_meetings//ajXp112QmuoKj4854875==
#         true: GET /v2/%252Fpast_meetings%252F%252FajXp112QmuoKj4854875%253D%253D
# A good engineer would have guessed: the option encodes the id: /v2/past_meetings/%252FajXp112QmuoKj4854875%253D%253D.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @zoom/rivet@0.4.0 axios@1.21.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { MeetingsS2SAuthClient } from '@zoom/rivet/meetings'

const asked = []
const zoom = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`)
  response.setHeader('content-type', 'application/json').end('{}')
}).listen(0, '127.0.0.1')
await new Promise(resolve => zoom.once('listening', resolve))
const token = { accessToken: 'token', expirationTimeIso: new Date(Date.now() + 3_600_000).toISOString(), scopes: [] }
for (const doubleEncodeUrl of [false, true]) {
  const client = new MeetingsS2SAuthClient({
    clientId: 'id',
    clientSecret: 'secret',
    accountId: 'account',
    tokenStore: { getLatestToken: () => token, storeToken() {} },
    disableReceiver: true,
    baseUrl: `http://127.0.0.1:${zoom.address().port}/v2`,
    doubleEncodeUrl,
  })
  await client.endpoints.meetings.getPastMeetingDetails({ path: { meetingId: '/ajXp112QmuoKj4854875==' } })
}
console.log(`false: ${asked[0]}\ntrue: ${asked[1]}`)
assert.deepEqual(asked, [
  'GET /v2/past_meetings//ajXp112QmuoKj4854875==',
  'GET /v2/%252Fpast_meetings%252F%252FajXp112QmuoKj4854875%253D%253D',
])
process.exit()
JS
node probe.mjs
