#!/usr/bin/env bash
# @fullcalendar/icalendar 6.1.21 shows a meeting at 10:00 in New York at 10:00 in Paris.
#
# Behaviour: the plug-in hands each start over as the text of its clock, without the zone, though the file brings the zone's
#   rules and ical.js, which it uses, knows the instant. The calendar takes the text in the zone of its reader. The same
#   instant written in UTC is right: Outlook publishes the one form, and many servers the other.
# Output: read in UTC: New York 10:00 at 2026-12-01T10:00:00.000Z, the same in UTC at 2026-12-01T15:00:00.000Z
#         read in Paris: New York 10:00 at 2026-12-01T09:00:00.000Z, the same in UTC at 2026-12-01T15:00:00.000Z
# A good engineer would have guessed: 15:00Z four times.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @fullcalendar/icalendar@6.1.21 @fullcalendar/core@6.1.21 @fullcalendar/daygrid@6.1.21 ical.js@1.5.0 jsdom@26.1.0 >npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const { createServer } = require('node:http')
const { JSDOM } = require('jsdom')

process.env.TZ = 'Europe/Paris'
const { window } = new JSDOM('<main></main>', { pretendToBeVisual: true, url: 'http://127.0.0.1/' })
for (const name of Object.getOwnPropertyNames(window)) if (!(name in globalThis)) globalThis[name] = window[name]
Object.assign(globalThis, { window, document: window.document })
const { Calendar } = require('@fullcalendar/core')
const { default: dayGrid } = require('@fullcalendar/daygrid')
const { default: iCalendar } = require('@fullcalendar/icalendar')

const rules = (name, month, week, from, to) =>
  `BEGIN:${name}
DTSTART:2007${month}01T020000
RRULE:FREQ=YEARLY;BYMONTH=${Number(month)};BYDAY=${week}SU
TZOFFSETFROM:${from}
TZOFFSETTO:${to}
END:${name}`
const event = (name, start) =>
  `BEGIN:VEVENT
UID:${name}@example.com
DTSTAMP:20261101T000000Z
SUMMARY:${name}
DTSTART${start}
DURATION:PT1H
END:VEVENT`
const file = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example.com//EN
BEGIN:VTIMEZONE
TZID:America/New_York
${rules('DAYLIGHT', '03', 2, '-0500', '-0400')}
${rules('STANDARD', '11', 1, '-0400', '-0500')}
END:VTIMEZONE
${event('New York 10:00', ';TZID=America/New_York:20261201T100000')}
${event('the same in UTC', ':20261201T150000Z')}
END:VCALENDAR
`.replaceAll('\n', '\r\n')

const shown = (timeZone, url) =>
  new Promise((resolve, reject) => {
    new Calendar(document.querySelector('main'), {
      plugins: [dayGrid, iCalendar],
      initialDate: '2026-12-01',
      timeZone,
      events: { url, format: 'ics', failure: reject },
      eventsSet(events) {
        if (events.length) resolve(events.map(({ title, start }) => `${title} at ${start.toISOString()}`).sort().join(', '))
      },
    }).render()
  })

const feed = createServer((_request, response) => response.setHeader('content-type', 'text/calendar').end(file))
feed.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${feed.address().port}/calendar.ics`
  const said = [`read in UTC: ${await shown('UTC', url)}`, `read in Paris: ${await shown('local', url)}`]
  console.log(said.join('\n'))
  assert.deepEqual(said, [
    'read in UTC: New York 10:00 at 2026-12-01T10:00:00.000Z, the same in UTC at 2026-12-01T15:00:00.000Z',
    'read in Paris: New York 10:00 at 2026-12-01T09:00:00.000Z, the same in UTC at 2026-12-01T15:00:00.000Z',
  ])
  process.exit()
})
JS
node probe.cjs
