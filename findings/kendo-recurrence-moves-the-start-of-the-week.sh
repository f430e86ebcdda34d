#!/usr/bin/env bash
# @progress/kendo-recurrence 1.0.5 writes WKST=SU into a rule that had none, and so moves every second Sunday by a week.
#
# Behaviour: without WKST the week begins on Monday (RFC 5545). The library takes Sunday, and says so in the rule that it
#   writes: whoever reads a rule with it and writes it back unchanged has changed the series. ical.js shows the days of both.
# Output: read:    FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=SU,MO: 2026-11-30 2026-12-06 2026-12-14 2026-12-20
#         written: FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=SU,MO;WKST=SU: 2026-11-30 2026-12-13 2026-12-14 2026-12-27
# A good engineer would have guessed: the rule that is written is the one that was read.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @progress/kendo-recurrence@1.0.5 @progress/kendo-date-math@1.5.17 ical.js@2.2.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { parseRule, serializeRule } from '@progress/kendo-recurrence'
import ICAL from 'ical.js'

const shown = rule => {
  const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString('2026-11-30T09:00:00'))
  const dates = Array.from({ length: 4 }, () => String(days.next()).slice(0, 10))
  return `${rule}: ${dates.join(' ')}`
}
const read = 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=SU,MO'
const said = [`read:    ${shown(read)}`, `written: ${shown(serializeRule(parseRule({ recurrenceRule: read })))}`]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'read:    FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=SU,MO: 2026-11-30 2026-12-06 2026-12-14 2026-12-20',
  'written: FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=SU,MO;WKST=SU: 2026-11-30 2026-12-13 2026-12-14 2026-12-27',
])
JS
node probe.mjs
