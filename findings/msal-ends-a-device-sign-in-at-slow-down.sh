#!/usr/bin/env bash
# @azure/msal-node 7.2.3 gives a device sign-in up when the server asks it to poll more slowly.
#
# Behaviour: RFC 8628 has two answers that mean "ask again": authorization_pending, and slow_down, after which a client waits
#   five seconds more. MSAL knows the first one only; at the second it ends with post_request_failed, while the person is
#   still typing the code. It also asks for the code beside the token endpoint, not where the metadata of the server say.
#   Entra does not list slow_down among its answers; other servers, for which MSAL has its OIDC mode, may give it.
#   openid-client does both as the RFC says.
# Output: MSAL: POST /devicecode, POST /token, POST /token: post_request_failed: slow_down
#         openid-client: POST /device, POST /token, POST /token, POST /token: signed in
# A good engineer would have guessed: the first line says what the second one says.
# Needs Node 20 or later; seen on 20 and 24. Takes ten seconds.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @azure/msal-node@7.2.3 openid-client@6.9.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { ProtocolMode, PublicClientApplication } from '@azure/msal-node'
import * as openid from 'openid-client'

const issuer = 'https://login.example.com/'
const part = value => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = Math.floor(Date.now() / 1000)
const claims = { iss: issuer, aud: 'panel', sub: 'organizer', iat: now, exp: now + 3600 }

// An authorization server that is asked three times for the token of one device.
const serverOf = requests => {
  const polls = ['authorization_pending', 'slow_down']
  return (method, url) => {
    const { pathname } = new URL(url)
    if (pathname.startsWith('/.well-known/')) {
      return {
        status: 200,
        body: {
          issuer,
          authorization_endpoint: `${issuer}authorize`,
          device_authorization_endpoint: `${issuer}device`,
          end_session_endpoint: `${issuer}end`,
          jwks_uri: `${issuer}keys`,
          token_endpoint: `${issuer}token`,
        },
      }
    }
    requests.push(`${method} ${pathname}`)
    if (pathname !== '/token') {
      const codes = { device_code: 'of the device', user_code: 'WDJB-MJHT', verification_uri: `${issuer}code` }
      return { status: 200, body: { ...codes, expires_in: 900, interval: 1 } }
    }
    const error = polls.shift()
    if (error) return { status: 400, body: { error } }
    const id_token = `${part({ alg: 'RS256' })}.${part(claims)}.signature`
    return { status: 200, body: { token_type: 'Bearer', access_token: 'token', expires_in: 3600, id_token } }
  }
}
const ended = async signIn => {
  try {
    return (await signIn).accessToken || 'signed in'
  } catch (error) {
    return error.message
  }
}

const ofMsal = []
const askedByMsal = serverOf(ofMsal)
const reply = answer => Promise.resolve({ headers: {}, ...answer })
const msal = new PublicClientApplication({
  auth: { clientId: 'panel', authority: issuer, knownAuthorities: ['login.example.com'] },
  system: {
    protocolMode: ProtocolMode.OIDC,
    networkClient: {
      sendGetRequestAsync: url => reply(askedByMsal('GET', url)),
      sendPostRequestAsync: url => reply(askedByMsal('POST', url)),
    },
  },
})
const endOfMsal = await ended(msal.acquireTokenByDeviceCode({ scopes: ['openid'], deviceCodeCallback() {} }))

const ofOpenid = []
const askedByOpenid = serverOf(ofOpenid)
const configuration = await openid.discovery(new URL(issuer), 'panel', undefined, openid.None(), {
  [openid.customFetch]: async (url, { method }) => {
    const { status, body } = askedByOpenid(method, url)
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
  },
})
const device = await openid.initiateDeviceAuthorization(configuration, { scope: 'openid' })
const endOfOpenid = await ended(openid.pollDeviceAuthorizationGrant(configuration, device))

const said = [`MSAL: ${ofMsal.join(', ')}: ${endOfMsal}`, `openid-client: ${ofOpenid.join(', ')}: ${endOfOpenid}`]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'MSAL: POST /devicecode, POST /token, POST /token: post_request_failed: slow_down',
  'openid-client: POST /device, POST /token, POST /token, POST /token: signed in',
])
JS
node probe.mjs
