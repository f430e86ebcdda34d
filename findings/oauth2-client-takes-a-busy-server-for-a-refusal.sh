#!/usr/bin/env bash
# @badgateway/oauth2-client 3.3.1 sends a person to sign in again when the token endpoint is busy for a moment.
#
# Behaviour: after a 503 with Retry-After, as after a token that was withdrawn (invalid_grant), the client asks for a new
#   sign-in: it calls getNewToken, as if there were no refresh token. If that gives none, the error says that the person may
#   have to sign in again; what the server answered is in no error and no warning. The refresh token is still good, as the
#   next call shows.
# Output: withdrawn: getNewToken called 1 time, Unable to obtain OAuth2 tokens, a full reauth may be needed
#         busy: getNewToken called 1 time, Unable to obtain OAuth2 tokens, a full reauth may be needed
#         busy, asked again: getNewToken called 0 times, fresh token
# A good engineer would have guessed: "busy" ends with HTTP Error 503, and getNewToken is not called.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @badgateway/oauth2-client@3.3.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client'

const json = (status, body) => Response.json(body, { status })
const answers = {
  withdrawn: () => json(400, { error: 'invalid_grant' }),
  busy: () => new Response('busy', { status: 503, headers: { 'retry-after': '1' } }),
  well: () => json(200, { access_token: 'fresh token', token_type: 'bearer', expires_in: 3600 }),
}
console.warn = () => {}

/** A person whose token has run out, and whose refresh token the server answers in one way after another. */
const person = (...ways) => {
  const client = new OAuth2Client({
    clientId: 'panel',
    tokenEndpoint: 'https://login.example.com/token',
    fetch: async () => answers[ways.shift()](),
  })
  let asked = 0
  const signedIn = new OAuth2Fetch({
    client,
    getStoredToken: () => ({ accessToken: 'old token', expiresAt: Date.now() - 1000, refreshToken: 'refresh token' }),
    getNewToken: async () => {
      asked++
      return null
    },
  })
  return async name => {
    asked = 0
    const end = await signedIn.getAccessToken().catch(error => error.message)
    return `${name}: getNewToken called ${asked} time${asked === 1 ? '' : 's'}, ${end}`
  }
}
const withdrawn = person('withdrawn')
const busy = person('busy', 'well')
const said = [await withdrawn('withdrawn'), await busy('busy'), await busy('busy, asked again')]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'withdrawn: getNewToken called 1 time, Unable to obtain OAuth2 tokens, a full reauth may be needed',
  'busy: getNewToken called 1 time, Unable to obtain OAuth2 tokens, a full reauth may be needed',
  'busy, asked again: getNewToken called 0 times, fresh token',
])
// The client waits to refresh the token.
process.exit()
JS
node probe.mjs
