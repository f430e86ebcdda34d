#!/usr/bin/env bash
# libphonenumber-js 1.13.16 takes the meeting ID of a Zoom "one tap" number for an extension, and refuses it with a passcode.
#
# Behaviour: Zoom's invitation gives a phone number with pauses, then the meeting ID, then pauses and the passcode.
#   Up to the meeting ID the library reads a valid number with an extension of eleven digits. With the passcode it reads
#   no number at all. For a country whose numbers vary in length, meeting ID and passcode are phone numbers as well.
# Output: +16469313860,,91234567890#: +16469313860, extension 91234567890
#         +16469313860,,91234567890#,,,,*123456#: no number
#         invitation read in Austria: +4391234567890, +43123456
# A good engineer would have guessed: both strings are the number +16469313860, and the digits after the pauses are left out.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts libphonenumber-js@1.13.16 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { findPhoneNumbersInText, parsePhoneNumberFromString } from 'libphonenumber-js'

const read = text => {
  const phone = parsePhoneNumberFromString(text)
  return phone ? `${phone.number}, extension ${phone.ext}` : 'no number'
}
const invitation = 'Meeting ID: 912 3456 7890\nPasscode: 123456\n'
const said = [
  ...['+16469313860,,91234567890#', '+16469313860,,91234567890#,,,,*123456#'].map(text => `${text}: ${read(text)}`),
  `invitation read in Austria: ${findPhoneNumbersInText(invitation, 'AT').map(found => found.number.number).join(', ')}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  '+16469313860,,91234567890#: +16469313860, extension 91234567890',
  '+16469313860,,91234567890#,,,,*123456#: no number',
  'invitation read in Austria: +4391234567890, +43123456',
])
JS
node probe.mjs
