#!/usr/bin/env bash
# ts-caldav 0.3.7 turns a meeting on the last working day of each month into one on every working day, when it is renamed.
#
# Behaviour: the client reads an event into fields, of the rule without BYSETPOS, and an update writes a new event out of
#   these fields. Whoever changes the subject changes the series as well. The answers of the attendees are not kept either.
# Output: read:    RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1
#                  ATTENDEE;PARTSTAT=ACCEPTED:mailto:attendee@example.com
#         renamed: RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR
#                  ATTENDEE:mailto:attendee@example.com
# A good engineer would have guessed: an update of a client for calendars writes what was read, with the new subject.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ts-caldav@0.3.7 ical.js@2.2.1 axios@1.21.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { CalDAVClient } from 'ts-caldav'

const series = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//example//EN',
  'BEGIN:VEVENT',
  'UID:1@example.com',
  'DTSTAMP:20261101T000000Z',
  'DTSTART:20261130T090000Z',
  'DTEND:20261130T093000Z',
  'RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
  'ORGANIZER:mailto:organizer@example.com',
  'ATTENDEE;PARTSTAT=ACCEPTED:mailto:attendee@example.com',
  'SUMMARY:Review',
  'END:VEVENT',
  'END:VCALENDAR',
]
const answers = {
  PROPFIND: '<a:getctag xmlns:a="http://calendarserver.org/ns/">1</a:getctag>',
  REPORT: `<d:getetag>"1"</d:getetag><c:calendar-data xmlns:c="urn:ietf:params:xml:ns:caldav">${series.join('\r\n')}</c:calendar-data>`,
}
let written
const server = createServer(async (request, response) => {
  const body = await new Response(request).text()
  if (request.method === 'PUT') {
    written = body
    response.writeHead(204, { etag: '"2"' }).end()
    return
  }
  const prop = `<d:prop>${answers[request.method]}</d:prop><d:status>HTTP/1.1 200 OK</d:status>`
  const found = `<d:response><d:href>/calendar/1.ics</d:href><d:propstat>${prop}</d:propstat></d:response>`
  response.writeHead(207, { 'content-type': 'application/xml' }).end(`<d:multistatus xmlns:d="DAV:">${found}</d:multistatus>`)
}).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))
const client = CalDAVClient.createFromCache(
  { baseUrl: `http://127.0.0.1:${server.address().port}`, auth: { type: 'basic', username: 'user', password: 'password' } },
  { userPrincipal: '/', calendarHome: '/calendar/' },
)
const [event] = await client.getEvents('/calendar/', { all: true })
await client.updateEvent('/calendar/', { ...event, summary: 'Monthly review' })

const shown = lines => lines.filter(line => /^(RRULE|ATTENDEE)/.test(line))
const read = shown(series)
const renamed = shown(written.split(/\r?\n/))
console.log(`read:    ${read.join('\n         ')}\nrenamed: ${renamed.join('\n         ')}`)
assert.match(written, /SUMMARY:Monthly review/)
assert.deepEqual(renamed, ['RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR', 'ATTENDEE:mailto:attendee@example.com'])
process.exit()
JS
node probe.mjs
