#!/usr/bin/env bash
# fast-xml-parser 5.12.1 decodes &amp; and leaves numeric character references as they are.
#
# Behaviour: an Exchange server writes a carriage return in a text as &#xD;, because XML would lose the character.
#   The parser hands out the six characters "&#xD;". Only `htmlEntities: true`, named for HTML, decodes them.
# Output: as configured by the library: "R&D &#xD;\n&#8364;5"
#         with htmlEntities: "R&D \r\n€5"
# A good engineer would have guessed: the references that XML itself defines are all decoded, numbers included.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts fast-xml-parser@5.12.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { XMLParser } from 'fast-xml-parser'

const soap = '<t:Subject xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">R&amp;D &#xD;\n&#8364;5</t:Subject>'
const read = options => new XMLParser({ removeNSPrefix: true, ...options }).parse(soap).Subject
const plain = read({})
const html = read({ htmlEntities: true })
console.log(`as configured by the library: ${JSON.stringify(plain)}\nwith htmlEntities: ${JSON.stringify(html)}`)
assert.equal(plain, 'R&D &#xD;\n&#8364;5')
assert.equal(html, 'R&D \r\n€5')
JS
node probe.mjs
