#!/usr/bin/env bash
# undici 7.30.2: a headersTimeout of 100 ms ends a request after about one second.
#
# Behaviour: the timer behind headersTimeout moves in steps of about half a second, and nothing ends before the second.
#   100, 500 and 900 ms are the same deadline; 1100 ms is one and a half seconds. An AbortSignal has no such steps.
# Output: headersTimeout 100: UND_ERR_HEADERS_TIMEOUT after more than 900 ms
# A good engineer would have guessed: a deadline in milliseconds is kept to some milliseconds, at most tens of them.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts undici@7.30.2 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Agent, request } from 'undici'

const silent = createServer(() => {}).listen(0, '127.0.0.1')
await new Promise(resolve => silent.once('listening', resolve))
const address = `http://127.0.0.1:${silent.address().port}`
const dispatcher = new Agent({ headersTimeout: 100 })
const from = performance.now()
const error = await request(address, { dispatcher }).catch(thrown => thrown)
const took = performance.now() - from
await dispatcher.destroy()
silent.close()
silent.closeAllConnections()
assert.equal(error.code, 'UND_ERR_HEADERS_TIMEOUT')
assert.ok(took > 900, `${took} ms`)
console.log('headersTimeout 100: UND_ERR_HEADERS_TIMEOUT after more than 900 ms')
JS
node probe.mjs
