#!/usr/bin/env bash
# adaptivecards 3.0.6 shows a time of Microsoft Graph to people as {{TIME(2026-12-01T10:00:00.0000000Z)}}.
#
# Behaviour: {{DATE(…)}} and {{TIME(…)}} in a text show a time of RFC 3339 in the zone and language of the reader. A time
#   with a fraction of a second, which RFC 3339 allows, is not recognised, and the whole expression stays in the text.
#   Graph writes seven digits after the second into every start and end of an event.
# Output: 2026-12-01T10:00:00Z: Starts at 10:00 AM
#         2026-12-01T10:00:00.0000000Z: Starts at {{TIME(2026-12-01T10:00:00.0000000Z)}}
# A good engineer would have guessed: both texts say 10:00 AM.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  adaptivecards@3.0.6 adaptivecards-templating@2.3.1 adaptive-expressions@4.23.3 jsdom@26.1.0 >npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const { JSDOM } = require('jsdom')

process.env.TZ = 'UTC'
const { window } = new JSDOM('')
Object.assign(globalThis, { window, document: window.document, HTMLElement: window.HTMLElement })
const { AdaptiveCard } = require('adaptivecards/dist/adaptivecards.js')
const { Template } = require('adaptivecards-templating')

// A host brings its own Markdown: this one has none.
AdaptiveCard.onProcessMarkdown = (text, result) => Object.assign(result, { outputHtml: text, didProcess: true })

const template = new Template({
  type: 'AdaptiveCard',
  version: '1.5',
  lang: 'en-US',
  body: [{ type: 'TextBlock', text: 'Starts at {{TIME(${start.dateTime}Z)}}' }],
})
const said = ['2026-12-01T10:00:00', '2026-12-01T10:00:00.0000000'].map(dateTime => {
  const card = new AdaptiveCard()
  card.parse(template.expand({ $root: { start: { dateTime, timeZone: 'UTC' } } }))
  return `${dateTime}Z: ${card.render().textContent.replace(/\s/g, ' ')}`
})
console.log(said.join('\n'))
assert.deepEqual(said, [
  '2026-12-01T10:00:00Z: Starts at 10:00 AM',
  '2026-12-01T10:00:00.0000000Z: Starts at {{TIME(2026-12-01T10:00:00.0000000Z)}}',
])
JS
node probe.cjs
