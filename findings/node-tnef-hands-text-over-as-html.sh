#!/usr/bin/env bash
# node-tnef 1.4.0 hands the plain text of a message over as its HTML, and Outlook's links are not seen there.
#
# Behaviour: a winmail.dat with plain text only has the same bytes in Body and in BodyHTML. Outlook writes a link into plain
#   text in angle brackets. A reader of HTML, here jsdom, takes them for a tag: the join link of the meeting is not shown.
# Output: Body:     Join Zoom Meeting <https://us02web.zoom.us/j/91234567890> Meeting ID: 912 3456 7890
#         BodyHTML: Join Zoom Meeting  Meeting ID: 912 3456 7890
# A good engineer would have guessed: BodyHTML is missing where the message has none.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts node-tnef@1.4.0 jsdom@26.1.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { JSDOM } from 'jsdom'
import tnef from 'node-tnef'

const uint16 = number => Buffer.from(Uint16Array.of(number).buffer)
const uint32 = number => Buffer.from(Uint32Array.of(number).buffer)

// [MS-OXTNEF]: level, id, type, length, data and the sum of the data's bytes.
const attribute = (id, type, data) => {
  const sum = data.reduce((total, byte) => (total + byte) & 0xffff, 0)
  return Buffer.concat([Buffer.of(1), uint16(id), uint16(type), uint32(data.length), data, uint16(sum)])
}
// A property of type PtypString: count, length, text, filled up to a multiple of four.
const property = (id, text) => {
  const data = Buffer.from(`${text}\0`, 'utf16le')
  const filler = Buffer.alloc(-data.length & 3)
  return Buffer.concat([uint16(0x001f), uint16(id), uint32(1), uint32(data.length), data, filler])
}
const subject = 'Review'
const text = 'Join Zoom Meeting <https://us02web.zoom.us/j/91234567890> Meeting ID: 912 3456 7890'
const properties = [property(0x0037, subject), property(0x0070, subject), property(0x1000, text)]
const winmail = Buffer.concat([
  uint32(0x223e9f78),
  uint16(1),
  attribute(0x9006, 8, uint32(0x00010000)),
  attribute(0x9007, 6, Buffer.concat([uint32(1252), uint32(0)])),
  attribute(0x9003, 6, Buffer.concat([uint32(properties.length), ...properties])),
])

const message = await new Promise((resolve, reject) =>
  tnef.parseBuffer(winmail, (failed, result) => (failed ? reject(result) : resolve(result))),
)
const decoded = bytes => Buffer.from(bytes).toString('utf16le').replace(/\0$/, '')
const said = [
  `Body:     ${decoded(message.Body)}`,
  `BodyHTML: ${new JSDOM(decoded(message.BodyHTML)).window.document.body.textContent}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'Body:     Join Zoom Meeting <https://us02web.zoom.us/j/91234567890> Meeting ID: 912 3456 7890',
  'BodyHTML: Join Zoom Meeting  Meeting ID: 912 3456 7890',
])
JS
node probe.mjs
