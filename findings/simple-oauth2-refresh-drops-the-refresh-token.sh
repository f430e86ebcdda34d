#!/usr/bin/env bash
# simple-oauth2 5.1.0: a token that was refreshed at Google cannot be refreshed again.
#
# Behaviour: Google answers a refresh without a refresh_token, because the old one stays valid (RFC 6749, section 6, leaves
#   that to the server). The library means to keep the old one, and reads it from a property that does not exist.
#   The new token has the key, with no value. The second refresh sends an empty refresh token.
# Output: first refresh:  grant_type=refresh_token&refresh_token=kept
#         second refresh: grant_type=refresh_token&refresh_token=
# A good engineer would have guessed: refresh() keeps the refresh token when the answer has no other.
# Needs Node 20 or later; seen on 20 and 24. The server below answers as Google's does.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts simple-oauth2@5.1.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { AuthorizationCode } from 'simple-oauth2'

const asked = []
const google = createServer(async (request, response) => {
  asked.push(await text(request))
  const answer = { access_token: 'new', expires_in: 3599, token_type: 'Bearer' }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
}).listen(0, '127.0.0.1')
await new Promise(resolve => google.once('listening', resolve))
const tokenHost = `http://127.0.0.1:${google.address().port}`
const client = new AuthorizationCode({ client: { id: 'id', secret: 'secret' }, auth: { tokenHost } })

const first = client.createToken({ access_token: 'old', refresh_token: 'kept', expires_in: 1 })
const second = await first.refresh()
await second.refresh()
google.close()
google.closeAllConnections()
console.log(`first refresh:  ${asked[0]}\nsecond refresh: ${asked[1]}`)
assert.deepEqual(asked, ['grant_type=refresh_token&refresh_token=kept', 'grant_type=refresh_token&refresh_token='])
JS
node probe.mjs
