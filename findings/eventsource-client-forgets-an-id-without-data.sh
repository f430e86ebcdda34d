#!/usr/bin/env bash
# eventsource-client 1.2.0 resumes a stream from the last event with data; its server said later where to go on.
#
# Behaviour: an event with an ID and no data is not handed over, and moves the place from which a client goes on (HTML
#   standard). With it a stream says "you have seen all up to here" where nothing changed for this client. Four clients drop
#   the ID with the event, among them eventsource 4, the last line for Node 20. The polyfill, besides, sends the ID as a
#   parameter of the address and in no header. eventsource 5 and browsers follow the standard.
# Output: eventsource-client 1.2.0: Last-Event-ID 1, query -
#         event-source-plus 0.1.15: Last-Event-ID 1, query -
#         eventsource 4.1.1: Last-Event-ID 1, query -
#         event-source-polyfill 1.0.31: Last-Event-ID -, query lastEventId=1
#         @microsoft/fetch-event-source 2.0.1: Last-Event-ID 2, query -
# A good engineer would have guessed: all five come back with Last-Event-ID: 2.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  eventsource-client@1.2.0 event-source-plus@0.1.15 eventsource@4.1.1 event-source-polyfill@1.0.31 \
  @microsoft/fetch-event-source@2.0.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { fetchEventSource } from '@microsoft/fetch-event-source'
import polyfill from 'event-source-polyfill'
import { EventSourcePlus } from 'event-source-plus'
import { EventSource } from 'eventsource'
import { createEventSource } from 'eventsource-client'

// The client of Microsoft was written for pages, and asks whether its page is shown.
globalThis.window = globalThis
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} }

const clients = {
  'eventsource-client 1.2.0': url => createEventSource({ url }),
  'event-source-plus 0.1.15': url => new EventSourcePlus(url).listen({ onMessage() {} }),
  'eventsource 4.1.1': url => new EventSource(url),
  'event-source-polyfill 1.0.31': url => new polyfill.EventSourcePolyfill(url),
  '@microsoft/fetch-event-source 2.0.1': url =>
    fetchEventSource(url, {
      onclose() {
        throw new Error('the server closed the stream')
      },
      onerror: () => 50,
    }),
}

const requests = new Map()
let whenAllCameBack
const allCameBack = new Promise(resolve => {
  whenAllCameBack = resolve
})
const hints = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1')
  const come = [...(requests.get(pathname) ?? []), { header: request.headers['last-event-id'], query: searchParams }]
  requests.set(pathname, come)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' })
  if (come.length === 1) response.end('retry: 50\n\nid: 1\ndata: changed\n\nid: 2\n\n')
  else response.write(': nothing new\n\n')
  const came = [...requests.values()].filter(({ length }) => length > 1)
  if (came.length === Object.keys(clients).length) whenAllCameBack()
}).listen(0, '127.0.0.1')
await new Promise(resolve => hints.once('listening', resolve))
Object.values(clients).forEach((open, place) => open(`http://127.0.0.1:${hints.address().port}/${place}`))
await allCameBack

const said = Object.keys(clients).map((name, place) => {
  const { header, query } = requests.get(`/${place}`)[1]
  return `${name}: Last-Event-ID ${header ?? '-'}, query ${query.size ? query : '-'}`
})
console.log(said.join('\n'))
assert.deepEqual(said, [
  'eventsource-client 1.2.0: Last-Event-ID 1, query -',
  'event-source-plus 0.1.15: Last-Event-ID 1, query -',
  'eventsource 4.1.1: Last-Event-ID 1, query -',
  'event-source-polyfill 1.0.31: Last-Event-ID -, query lastEventId=1',
  '@microsoft/fetch-event-source 2.0.1: Last-Event-ID 2, query -',
])
process.exit()
JS
node probe.mjs
