#!/usr/bin/env bash
# @jrmdayn/googleapis-batcher 0.10.1 with @googleapis/calendar 20.0.1 loses If-Match as soon as two updates are sent together.
#
# Behaviour: the batcher joins requests that are made at the same time into one. It writes the headers of each of them with
#   numbers for names and with the value escaped as in HTML. One update alone is sent as it is, with its header. Of two
#   together neither has If-Match, and nothing guards a change that was made in the meantime.
# Output: one update: if-match: "1"
#         two updates: no if-match, no if-match; written instead: 2: if-match,&quot;1&quot;
# A good engineer would have guessed: each part of the batch has the headers of its request, If-Match: "1" too.
# Needs Node 20 or later, though @googleapis/calendar asks for 22; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @jrmdayn/googleapis-batcher@0.10.1 @googleapis/calendar@20.0.1 gaxios@8.3.3 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { calendar } from '@googleapis/calendar'
import { batchFetchImplementation } from '@jrmdayn/googleapis-batcher'

const answer = '{"id":"1"}'
let received
const google = createServer(async (request, response) => {
  const body = await new Response(request).text()
  if (request.url !== '/batch') {
    received = [`if-match: ${request.headers['if-match']}`]
    response.setHeader('content-type', 'application/json').end(answer)
    return
  }
  // Each part is a request of its own: request line, headers, empty line, body.
  received = body.split(/^PATCH .*\n/m).slice(1).map(part => part.split('\n\n')[0])
  const part = `--part\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${answer}\r\n`
  response.setHeader('content-type', 'multipart/mixed; boundary=part').end(`${part.repeat(received.length)}--part--\r\n`)
}).listen(0, '127.0.0.1')
await new Promise(resolve => google.once('listening', resolve))
const client = calendar({
  version: 'v3',
  rootUrl: `http://127.0.0.1:${google.address().port}/`,
  fetchImplementation: batchFetchImplementation(),
})
const update = async eventId => {
  const { status } = await client.events.patch(
    { calendarId: 'primary', eventId, requestBody: { summary: 'Review' } },
    { headers: { 'If-Match': '"1"' } },
  )
  assert.equal(status, 200)
}
const found = headers => headers.split('\n').find(line => /^if-match:/i.test(line)) ?? 'no if-match'

await update('1')
const said = [`one update: ${received.map(found).join(', ')}`]
await Promise.all([update('1'), update('2')])
const instead = received[0].split('\n').find(line => line.includes('if-match'))
said.push(`two updates: ${received.map(found).join(', ')}; written instead: ${instead}`)
console.log(said.join('\n'))
assert.deepEqual(said, [
  'one update: if-match: "1"',
  'two updates: no if-match, no if-match; written instead: 2: if-match,&quot;1&quot;',
])
process.exit()
JS
node probe.mjs
