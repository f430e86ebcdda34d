#!/usr/bin/env bash
# jsxapi 6.0.0 goes on to hand events of a room device over after its listener was taken off.
#
# Behaviour: `on` returns at once a function that ends the subscription. Called before the device has confirmed it, the
#   function does nothing and says nothing: no xFeedback/Unsubscribe is sent, and the listener hears each event until the
#   connection ends. So it is where a page or a job is left as soon as it was opened. Called later, it works.
# Output: off before the device confirmed: 2 of 2 events heard, sent: xFeedback/Subscribe
#         off after the device confirmed: 0 of 2 events heard, sent: xFeedback/Subscribe, xFeedback/Unsubscribe
# A good engineer would have guessed: 0 of 2 both times, the first one by unsubscribing as soon as the ID is known.
# The stand-in speaks Cisco's JSON-RPC over a WebSocket. Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --silent --no-audit --no-fund --ignore-scripts jsxapi@6.0.0 ws@8.18.3 >>npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const jsxapi = require('jsxapi')
const { WebSocketServer } = require('ws')

/** What a listener hears that is taken off before or after the device has confirmed the subscription. */
async function told(when) {
  const sent = []
  const device = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise(resolve => device.once('listening', resolve))
  device.on('connection', socket =>
    socket.on('message', text => {
      const { id, method } = JSON.parse(text)
      const send = message => socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
      if (method !== 'xCommand/Bookings/List') {
        sent.push(method)
        return send({ id, result: method === 'xFeedback/Subscribe' ? { Id: 1 } : true })
      }
      // The device tells of two changes, and then answers.
      const params = { Id: 1, Event: { Bookings: { SyncRequired: {} } } }
      for (let event = 0; event < 2; event++) send({ method: 'xFeedback/Event', params })
      send({ id, result: { status: 'OK' } })
    }),
  )
  const xapi = await jsxapi.connect(`ws://127.0.0.1:${device.address().port}`, { username: 'room', password: 'room' })
  let heard = 0
  const off = xapi.event.on('Bookings/SyncRequired', () => heard++)
  if (when === 'after') await off.registration
  off()
  await off.registration
  await xapi.Command.Bookings.List({ Days: 30 })
  return `off ${when} the device confirmed: ${heard} of 2 events heard, sent: ${sent.join(', ')}`
}
async function main() {
  const said = [await told('before'), await told('after')]
  console.log(said.join('\n'))
  assert.deepEqual(said, [
    'off before the device confirmed: 2 of 2 events heard, sent: xFeedback/Subscribe',
    'off after the device confirmed: 0 of 2 events heard, sent: xFeedback/Subscribe, xFeedback/Unsubscribe',
  ])
}
main().then(() => process.exit(), error => {
  console.error(error)
  process.exit(1)
})
JS
node probe.cjs
