#!/usr/bin/env bash
# jwks-rsa 4.1.0 fetches the whole key set for every token where an issuer signs with six keys in turn.
#
# Behaviour: the cache, on by default for ten minutes, holds single keys, five at most, and only those that were asked for.
#   So a set of five keys is fetched five times, once for each. With a sixth key in use, the key that is put out is the
#   one that comes next, and nothing is found in the cache any more.
# Output: 5 keys, three rounds: 5 fetches for 15 tokens
#         6 keys, three rounds: 18 fetches for 18 tokens
# A good engineer would have guessed: one fetch in both cases, because the answer has all the keys and is cached.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts jwks-rsa@4.1.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import jwksClient from 'jwks-rsa'

const pairs = Array.from({ length: 6 }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }))
const all = pairs.map(({ publicKey }, index) => ({ ...publicKey.export({ format: 'jwk' }), kid: `key-${index}`, use: 'sig' }))
let keys
let fetches
const issuer = createServer((_request, response) => {
  fetches += 1
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
}).listen(0, '127.0.0.1')
await new Promise(resolve => issuer.once('listening', resolve))

const said = []
for (const count of [5, 6]) {
  keys = all.slice(0, count)
  fetches = 0
  let tokens = 0
  const client = jwksClient({ jwksUri: `http://127.0.0.1:${issuer.address().port}/keys` })
  for (const { kid } of [...keys, ...keys, ...keys]) {
    await client.getSigningKey(kid)
    tokens += 1
  }
  said.push(`${count} keys, three rounds: ${fetches} fetches for ${tokens} tokens`)
}
console.log(said.join('\n'))
assert.deepEqual(said, ['5 keys, three rounds: 5 fetches for 15 tokens', '6 keys, three rounds: 18 fetches for 18 tokens'])
process.exit()
JS
node probe.mjs
