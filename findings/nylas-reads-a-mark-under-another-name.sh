#!/usr/bin/env bash
# nylas 8.4.0: a mark that a program puts on an event has another name when the program reads the event again.
#
# Behaviour: `metadata` of an event is for a program's own keys. The SDK sends them as they are, and turns the keys of each
#   answer into camel case, those of `metadata` too: `zoom_meeting` comes back as `zoomMeeting`. A program does not find
#   its mark, and one that writes back what it read stores a second name. A search by `metadataPair` finds the event under
#   the first name, so the two disagree.
# Output: sent: {"zoom_meeting":"81234567890"}
#         read: {"zoomMeeting":"81234567890"}
#         sent after "read, and write back": {"zoomMeeting":"81234567890"}
#         asked for: metadata_pair=zoom_meeting:81234567890
# A good engineer would have guessed: read: {"zoom_meeting":"81234567890"}.
# Needs Node 20 or later; seen on 20.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts nylas@8.4.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import Nylas from 'nylas'

const said = []
let event
const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    const pair = new URL(request.url, 'http://127.0.0.1').searchParams.get('metadata_pair')
    if (pair) said.push(`asked for: metadata_pair=${pair}`)
  } else {
    event = { id: '1', calendar_id: 'primary', ...(await json(request)) }
    said.push(`sent: ${JSON.stringify(event.metadata)}`)
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ request_id: '1', data: request.url.includes('/events/') ? event : [event] }))
}).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))

const { events } = new Nylas({ apiKey: 'key', apiUri: `http://127.0.0.1:${server.address().port}` })
const where = { identifier: 'grant', queryParams: { calendarId: 'primary' } }
const when = { startTime: 1_796_000_000, endTime: 1_796_001_800 }
await events.create({ ...where, requestBody: { title: 'Review', when, metadata: { zoom_meeting: '81234567890' } } })
const { data } = await events.find({ ...where, eventId: '1' })
said.push(`read: ${JSON.stringify(data.metadata)}`)
await events.update({ ...where, eventId: '1', requestBody: { metadata: data.metadata } })
said.push(said.pop().replace('sent:', 'sent after "read, and write back":'))
const metadataPair = { zoom_meeting: '81234567890' }
await events.list({ ...where, queryParams: { ...where.queryParams, metadataPair } })
server.closeAllConnections()
server.close()

console.log(said.join('\n'))
assert.deepEqual(said, [
  'sent: {"zoom_meeting":"81234567890"}',
  'read: {"zoomMeeting":"81234567890"}',
  'sent after "read, and write back": {"zoomMeeting":"81234567890"}',
  'asked for: metadata_pair=zoom_meeting:81234567890',
])
JS
node probe.mjs
