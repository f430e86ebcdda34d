#!/usr/bin/env bash
# @microsoft/msgraph-sdk 1.0.0-preview.90 reads an event without an online meeting as one that has it.
#
# Behaviour: Graph writes "onlineMeeting": null for an event that is no online meeting. Microsoft's SDK makes an empty object
#   of a null where an object may be: the property is there, and is true in a condition. A null where a string may be is
#   undefined, as one expects. Written back, the event says that its online meeting is an empty one.
# Output: in the room: onlineMeeting {}, onlineMeetingUrl undefined
#         with a link: onlineMeeting {"joinUrl":"https://us02web.zoom.us/j/91234567890"}, onlineMeetingUrl undefined
#         events with an online meeting: 2 of 2
# A good engineer would have guessed: null or undefined for the first event, and one of two.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @microsoft/msgraph-sdk@1.0.0-preview.90 @microsoft/msgraph-sdk-users@1.0.0-preview.90 \
  @microsoft/kiota-abstractions@1.0.0-preview.109 @microsoft/kiota-serialization-json@1.0.0-preview.109 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { AnonymousAuthenticationProvider } from '@microsoft/kiota-abstractions'
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import '@microsoft/msgraph-sdk-users'

const events = [
  { subject: 'in the room', onlineMeeting: null, onlineMeetingUrl: null },
  { subject: 'with a link', onlineMeeting: { joinUrl: 'https://us02web.zoom.us/j/91234567890' }, onlineMeetingUrl: null },
]
const graph = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ value: events }))
}).listen(0, '127.0.0.1')
await new Promise(resolve => graph.once('listening', resolve))
const adapter = new GraphRequestAdapter(new AnonymousAuthenticationProvider())
const client = createGraphServiceClient(adapter)
adapter.baseUrl = `http://127.0.0.1:${graph.address().port}/v1.0`

const { value: read } = await client.users.byUserId('organizer@example.com').events.get()
const said = [
  ...read.map(
    ({ subject, onlineMeeting, onlineMeetingUrl }) =>
      `${subject}: onlineMeeting ${JSON.stringify(onlineMeeting)}, onlineMeetingUrl ${onlineMeetingUrl}`,
  ),
  `events with an online meeting: ${read.filter(event => event.onlineMeeting).length} of ${read.length}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'in the room: onlineMeeting {}, onlineMeetingUrl undefined',
  'with a link: onlineMeeting {"joinUrl":"https://us02web.zoom.us/j/91234567890"}, onlineMeetingUrl undefined',
  'events with an online meeting: 2 of 2',
])
process.exit()
JS
node probe.mjs
