#!/usr/bin/env bash
# google-auth-library 10.9.1: revokeCredentials with a stored refresh token asks Google nothing and forgets the token.
#
# Behaviour: a service keeps the refresh token only. revokeCredentials looks for an access token, empties the credentials,
#   and then throws. The permission at Google stays, and the client has no token left to try again with.
#   revokeToken(refreshToken), which Google accepts as well, does what is wanted.
# Output: revokeCredentials: No access token to revoke. Requests: 0. Credentials left: {}
#         revokeToken:       200. Requests: 1
# A good engineer would have guessed: it revokes the refresh token, or leaves the credentials alone when it throws.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts google-auth-library@10.9.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { OAuth2Client } from 'google-auth-library'

let requests = 0
const google = createServer((_, response) => {
  requests += 1
  response.setHeader('content-type', 'application/json').end('{}')
}).listen(0, '127.0.0.1')
await new Promise(resolve => google.once('listening', resolve))
const oauth2RevokeUrl = `http://127.0.0.1:${google.address().port}/revoke`
const client = new OAuth2Client({ clientId: 'id', clientSecret: 'secret', endpoints: { oauth2RevokeUrl } })
client.setCredentials({ refresh_token: 'kept' })

const error = await client.revokeCredentials().catch(thrown => thrown)
const said = [`revokeCredentials: ${error.message} Requests: ${requests}. Credentials left: ${JSON.stringify(client.credentials)}`]
const answer = await client.revokeToken('kept')
said.push(`revokeToken:       ${answer.status}. Requests: ${requests}`)
google.close()
google.closeAllConnections()
console.log(said.join('\n'))
assert.deepEqual(said, [
  'revokeCredentials: No access token to revoke. Requests: 0. Credentials left: {}',
  'revokeToken:       200. Requests: 1',
])
JS
node probe.mjs
