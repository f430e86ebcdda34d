#!/usr/bin/env bash
# @zoom/rivet 0.4.0, Zoom's own SDK, refuses a webhook that is signed correctly and written with an escape or a space.
#
# Behaviour: the signature covers the body as it is sent. The SDK parses the body, writes it as JSON again and checks the
#   signature of that text. It accepts only what JSON.stringify would have written: not "\u00fc" for ü, nor "\/" for a slash.
# Output: {"topic":"Prüfung"}: 200
#         {"topic":"Pr\u00fcfung"}: 400
#         {"topic":"a\/b"}: 400
#         {"topic": "a"}: 400
# A good engineer would have guessed: the bytes that came are checked, and then parsed.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @zoom/rivet@0.4.0 axios@1.21.1 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { MeetingsS2SAuthClient } from '@zoom/rivet/meetings'

const free = createServer().listen(0, '127.0.0.1')
await new Promise(resolve => free.once('listening', resolve))
const { port } = free.address()
await new Promise(resolve => free.close(resolve))
const client = new MeetingsS2SAuthClient({
  clientId: 'id',
  clientSecret: 'secret',
  accountId: 'account',
  webhooksSecretToken: 'webhook-secret',
  port,
})
client.webEventConsumer.event('meeting.updated', () => {})
await client.start()

const send = async object => {
  const body = `{"event":"meeting.updated","payload":{"account_id":"1","object":${object}},"event_ts":1}`
  const time = `${Math.floor(Date.now() / 1000)}`
  const signature = createHmac('sha256', 'webhook-secret').update(`v0:${time}:${body}`).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-zm-request-timestamp': time, 'x-zm-signature': `v0=${signature}` }
  return (await fetch(`http://127.0.0.1:${port}/zoom/events`, { method: 'POST', headers, body })).status
}
const objects = ['{"topic":"Prüfung"}', '{"topic":"Pr\\u00fcfung"}', '{"topic":"a\\/b"}', '{"topic": "a"}']
const answers = []
for (const object of objects) answers.push(await send(object))
objects.forEach((object, index) => console.log(`${object}: ${answers[index]}`))
assert.deepEqual(answers, [200, 400, 400, 400])
process.exit()
JS
node probe.mjs
