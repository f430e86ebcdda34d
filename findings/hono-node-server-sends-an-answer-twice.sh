#!/usr/bin/env bash
# @hono/node-server 2.1.9: RESPONSE_ALREADY_SENT is an answer to send where it was imported after a listener was made.
#
# Behaviour: making a request listener replaces the global Response by a faster one. The constant that says "the route has
#   written Node's answer itself" is a Response that is made when its module loads. Made by the faster class, it is not
#   recognised: the library writes the head again, and ends the route's answer with the message of its own error.
# Output: imported before: begun and ended
#         imported after: begunError: Cannot write headers after they are sent to the client
# A good engineer would have guessed: a constant of the library means the same, whenever it was imported.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @hono/node-server@2.1.9 hono@4.13.19 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'

const isBefore = process.argv[2] === 'before'
const response = () => import('@hono/node-server/utils/response')
if (isBefore) await response()
const { getRequestListener } = await import('@hono/node-server')
console.error = () => {}
const listener = getRequestListener(async (_, { outgoing }) => {
  outgoing.write('begun')
  setTimeout(() => outgoing.end(' and ended'), 100)
  return (await response()).RESPONSE_ALREADY_SENT
})
const server = createServer(listener).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))
const answer = await fetch(`http://127.0.0.1:${server.address().port}/`)
const text = await answer.text()
console.log(`imported ${process.argv[2]}: ${text}`)
const error = 'Error: Cannot write headers after they are sent to the client'
assert.equal(text, isBefore ? 'begun and ended' : `begun${error}`)
process.exit()
JS
node probe.mjs before
node probe.mjs after
