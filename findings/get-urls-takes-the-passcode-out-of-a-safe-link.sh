#!/usr/bin/env bash
# get-urls 12.1.0 finds a Safe Link of Microsoft in a text and returns one that opens the meeting without its passcode.
#
# Behaviour: Microsoft 365 wraps a join link in an address that carries it, encoded, as the parameter url. get-urls sorts the
#   parameters of each address and decodes them, the "&" of the join link too. What came after it is a parameter of the
#   wrapper then, and the join link ends before it: here the passcode is lost. The option sortQueryParameters: false leaves
#   the link as it was. normalize-url 9 has this right; get-urls uses 8.
# Output: in the text: https://us02web.zoom.us/w/91234567890?tk=q7&pwd=aBcD.1
#         of get-urls: https://us02web.zoom.us/w/91234567890?tk=q7
#         unsorted:    https://us02web.zoom.us/w/91234567890?tk=q7&pwd=aBcD.1
# A good engineer would have guessed: the three are the same.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts get-urls@12.1.0 normalize-url@8.1.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import getUrls from 'get-urls'

const join = 'https://us02web.zoom.us/w/91234567890?tk=q7&pwd=aBcD.1'
const safeLink =
  `https://eur02.safelinks.protection.outlook.com/?url=${encodeURIComponent(join)}` +
  '&data=05%7C02%7Cguest%40example.com%7C0123&sdata=Zm9v%3D&reserved=0'
const text = `Join the meeting: ${safeLink}\r\nMeeting ID: 912 3456 7890`
const wrapped = link => new URL(link).searchParams.get('url')

const said = [
  `in the text: ${wrapped(safeLink)}`,
  `of get-urls: ${wrapped([...getUrls(text)][0])}`,
  `unsorted:    ${wrapped([...getUrls(text, { sortQueryParameters: false })][0])}`,
]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'in the text: https://us02web.zoom.us/w/91234567890?tk=q7&pwd=aBcD.1',
  'of get-urls: https://us02web.zoom.us/w/91234567890?tk=q7',
  'unsorted:    https://us02web.zoom.us/w/91234567890?tk=q7&pwd=aBcD.1',
])
JS
node probe.mjs
