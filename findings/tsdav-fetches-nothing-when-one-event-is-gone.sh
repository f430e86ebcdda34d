#!/usr/bin/env bash
# tsdav 2.3.4: one deleted event makes fetchCalendarObjects throw away all the others.
#
# Behaviour: a CalDAV server answers for each event separately (RFC 4791, section 7.9): 200 with the event, or 404 when
#   somebody deleted it since the list was made. The library throws if any part has an error, and hands out no event.
# Output: three events: 3 objects
#         one of three deleted: Collection query failed: 404 Not Found
# A good engineer would have guessed: the two events that are there, since the answer as a whole is 207 Multi-Status.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts tsdav@2.3.4 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { fetchCalendarObjects } from 'tsdav'

const part = (href, content) => `<d:response><d:href>${href}</d:href>${content}</d:response>`
const event = '<d:prop><d:getetag>"1"</d:getetag><c:calendar-data>BEGIN:VCALENDAR&#13;\nEND:VCALENDAR</c:calendar-data></d:prop>'
const found = `<d:propstat>${event}<d:status>HTTP/1.1 200 OK</d:status></d:propstat>`
const gone = '<d:status>HTTP/1.1 404 Not Found</d:status>'
const objectUrls = ['/calendar/a.ics', '/calendar/b.ics', '/calendar/c.ics']
let deleted
const server = createServer((request, response) => {
  const parts = objectUrls.map(href => part(href, href === deleted ? gone : found)).join('')
  const answer = `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">${parts}</d:multistatus>`
  request.resume().on('end', () => response.writeHead(207, { 'content-type': 'application/xml' }).end(answer))
}).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))
const calendar = { url: `http://127.0.0.1:${server.address().port}/calendar/` }
const fetched = () =>
  fetchCalendarObjects({ calendar, objectUrls }).then(
    objects => `${objects.length} objects`,
    error => error.message.split('.')[0],
  )

const said = [`three events: ${await fetched()}`]
deleted = '/calendar/b.ics'
said.push(`one of three deleted: ${await fetched()}`)
server.close()
server.closeAllConnections()
console.log(said.join('\n'))
assert.deepEqual(said, ['three events: 3 objects', 'one of three deleted: Collection query failed: 404 Not Found'])
JS
node probe.mjs
