#!/usr/bin/env bash
# @microsoft/microsoft-graph-client 3.0.7 sends a POST again after 503 or 504.
#
# Behaviour: the default client repeats POST /me/events, also when the first answer is 504 Gateway Timeout.
#   A 504 does not say whether Exchange created the event, so the repeat can create a second one.
# Output: 503: POST /v1.0/me/events, POST /v1.0/me/events
#         504: POST /v1.0/me/events, POST /v1.0/me/events
# A good engineer would have guessed: a method that is not idempotent is repeated after 429 only, if at all.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/microsoft-graph-client@3.0.7 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { Client } from '@microsoft/microsoft-graph-client'

const client = Client.init({ authProvider: done => done(null, 'token') })
for (const status of [503, 504]) {
  const sent = []
  globalThis.fetch = async (url, { method }) => {
    sent.push(`${method} ${new URL(url).pathname}`)
    return sent.length === 1
      ? Response.json({ error: { code: 'Failed', message: '' } }, { status, headers: { 'retry-after': '1' } })
      : Response.json({ id: 'second' }, { status: 201 })
  }
  const answer = await client.api('/me/events').post({ subject: 'Review' })
  console.log(`${status}: ${sent.join(', ')}`)
  assert.deepEqual(sent, ['POST /v1.0/me/events', 'POST /v1.0/me/events'])
  assert.equal(answer.id, 'second')
}
JS
node probe.mjs
