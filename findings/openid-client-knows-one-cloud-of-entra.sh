#!/usr/bin/env bash
# openid-client 6.9.0 accepts Entra's "organizations" metadata from Microsoft's public cloud, and from no other.
#
# Behaviour: Entra publishes the issuer "https://<host>/{tenantid}/v2.0", with the braces, for multi-tenant sign-in.
#   openid-client makes an exception for login.microsoftonline.com by its name. The same document on the hosts of the
#   US government's and China's clouds is refused. oauth4webapi 3.8.8, beneath it, refuses all three.
# Output: login.microsoftonline.com: openid-client accepts, oauth4webapi refuses
#         login.microsoftonline.us: openid-client refuses, oauth4webapi refuses
#         login.partner.microsoftonline.cn: openid-client refuses, oauth4webapi refuses
# A good engineer would have guessed: what works with one cloud of Entra works with all, or with none.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts openid-client@6.9.0 oauth4webapi@3.8.8 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

const hosts = ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn']
const verdict = promise => promise.then(() => 'accepts', error => (error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' ? 'refuses' : error.code))
const said = []
for (const host of hosts) {
  const server = new URL(`https://${host}/organizations/v2.0`)
  const published = async () =>
    Response.json({
      issuer: `https://${host}/{tenantid}/v2.0`,
      authorization_endpoint: `https://${host}/organizations/oauth2/v2.0/authorize`,
      token_endpoint: `https://${host}/organizations/oauth2/v2.0/token`,
      jwks_uri: `https://${host}/organizations/discovery/v2.0/keys`,
    })
  const high = openid.discovery(server, 'client', undefined, undefined, { [openid.customFetch]: published })
  const low = oauth
    .discoveryRequest(server, { [oauth.customFetch]: published })
    .then(answer => oauth.processDiscoveryResponse(server, answer))
  said.push(`${host}: openid-client ${await verdict(high)}, oauth4webapi ${await verdict(low)}`)
}
console.log(said.join('\n'))
assert.deepEqual(said, [
  'login.microsoftonline.com: openid-client accepts, oauth4webapi refuses',
  'login.microsoftonline.us: openid-client refuses, oauth4webapi refuses',
  'login.partner.microsoftonline.cn: openid-client refuses, oauth4webapi refuses',
])
JS
node probe.mjs
