#!/usr/bin/env bash
# @webext-core/match-patterns 2.0.0, webext-patterns 1.5.1 and url-match-patterns 0.2.0 match one pattern in three ways.
#
# Behaviour: the path of a match pattern is compared with the path and the query of an address (Chrome, Firefox). The first
#   library, with which WXT works, leaves the query out, so a pattern that names it matches no address at all, and one that
#   ends before it matches too many. In the second the "?" of the pattern makes the letter before it optional. The third is
#   right. The pattern here is the page on which Google Calendar edits a new event.
# Output: https://calendar.google.com/calendar/*eventedit?*
#           /calendar/u/0/r/eventedit?text=Review: @webext-core false, webext-patterns true, url-match-patterns true
#           /calendar/u/0/r/eventedit/MTIzNDU2: @webext-core false, webext-patterns true, url-match-patterns false
#         https://calendar.google.com/calendar/u/*/r/eventedit
#           /calendar/u/0/r/eventedit?text=Review: @webext-core true, webext-patterns false, url-match-patterns false
#           /calendar/u/0/r/eventedit: @webext-core true, webext-patterns true, url-match-patterns true
# A good engineer would have guessed: each line says one thing three times, as the last one does.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @webext-core/match-patterns@2.0.0 webext-patterns@1.5.1 url-match-patterns@0.2.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { MatchPattern } from '@webext-core/match-patterns'
import urlMatchPatterns from 'url-match-patterns'
import { doesUrlMatchPatterns } from 'webext-patterns'

const google = 'https://calendar.google.com'
const shown = (pattern, paths) => [
  pattern,
  ...paths.map(path => {
    const url = google + path
    const core = new MatchPattern(pattern).includes(url)
    const webext = doesUrlMatchPatterns(url, pattern)
    const third = urlMatchPatterns.default(pattern, url)
    return `  ${path}: @webext-core ${core}, webext-patterns ${webext}, url-match-patterns ${third}`
  }),
]
const said = [
  ...shown(`${google}/calendar/*eventedit?*`, [
    '/calendar/u/0/r/eventedit?text=Review',
    '/calendar/u/0/r/eventedit/MTIzNDU2',
  ]),
  ...shown(`${google}/calendar/u/*/r/eventedit`, [
    '/calendar/u/0/r/eventedit?text=Review',
    '/calendar/u/0/r/eventedit',
  ]),
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'https://calendar.google.com/calendar/*eventedit?*',
  '  /calendar/u/0/r/eventedit?text=Review: @webext-core false, webext-patterns true, url-match-patterns true',
  '  /calendar/u/0/r/eventedit/MTIzNDU2: @webext-core false, webext-patterns true, url-match-patterns false',
  'https://calendar.google.com/calendar/u/*/r/eventedit',
  '  /calendar/u/0/r/eventedit?text=Review: @webext-core true, webext-patterns false, url-match-patterns false',
  '  /calendar/u/0/r/eventedit: @webext-core true, webext-patterns true, url-match-patterns true',
])
JS
node probe.mjs
