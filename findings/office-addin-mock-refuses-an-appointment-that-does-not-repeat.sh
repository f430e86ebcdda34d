#!/usr/bin/env bash
# office-addin-mock 4.0.0, Microsoft's own mock of Office.js, takes no appointment that does not repeat.
#
# Behaviour: for an appointment that is not part of a series, Office.js answers `null` as its `recurrence` and as its
#   `seriesId`. The mock goes into each value that is of type "object", `null` is one, and making the mock ends in a
#   TypeError that names no property. With `undefined`, which Office.js does not answer, it is made.
# Output: recurrence null: TypeError: Cannot convert undefined or null to object
#         seriesId null: TypeError: Cannot convert undefined or null to object
#         recurrence undefined: undefined
#         recurrence of a series: daily
# A good engineer would have guessed: recurrence null: null.
# Needs Node 20 or later; seen on 20.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts office-addin-mock@4.0.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import mock from 'office-addin-mock'

const read = (name, value, show = found => found) => {
  try {
    const office = { context: { mailbox: { item: { subject: 'Review', [name]: value } } } }
    return String(show(new mock.OfficeMockObject(office, 'outlook').context.mailbox.item[name]))
  } catch (error) {
    return `${error.name}: ${error.message}`
  }
}

const said = [
  `recurrence null: ${read('recurrence', null)}`,
  `seriesId null: ${read('seriesId', null)}`,
  `recurrence undefined: ${read('recurrence', undefined)}`,
  `recurrence of a series: ${read('recurrence', { recurrenceType: 'daily' }, found => found.recurrenceType)}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'recurrence null: TypeError: Cannot convert undefined or null to object',
  'seriesId null: TypeError: Cannot convert undefined or null to object',
  'recurrence undefined: undefined',
  'recurrence of a series: daily',
])
JS
node probe.mjs
