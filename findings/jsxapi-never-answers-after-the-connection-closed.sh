#!/usr/bin/env bash
# jsxapi 6.0.0 with ws 8.18.3: when a room device closes the connection, its commands never end.
#
# Behaviour: a command that waits for its answer when the WebSocket closes is neither answered nor refused. Nor is one that
#   is sent after the client itself has reported `close`. Both promises stay open for as long as the process lives.
# Output: answered: resolved; close was reported; in flight at the close: pending; sent after the close: pending
# A good engineer would have guessed: the client knows of the close, reports it, and has the list of open requests, so it
#   refuses them. Node's own `fetch`, and every database driver, do.
# The stand-in speaks Cisco's JSON-RPC over a WebSocket (xCommand/Bookings/List, xCommand/Bookings/Clear).
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --silent --no-audit --no-fund --ignore-scripts jsxapi@6.0.0 ws@8.18.3 >>npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const { setTimeout: wait } = require('node:timers/promises')
const { WebSocketServer } = require('ws')
const jsxapi = require('jsxapi')

async function main() {
  const device = new WebSocketServer({ port: 0 })
  device.on('connection', socket =>
    socket.on('message', text => {
      const { id, method } = JSON.parse(text)
      if (method === 'xCommand/Bookings/List') {
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: { status: 'OK', ResultInfo: { TotalRows: 0 } } }))
      } else socket.close(1000)
    }),
  )
  const xapi = await jsxapi.connect(`ws://127.0.0.1:${device.address().port}`, { username: 'room', password: 'room' })
  const closed = new Promise(resolve => xapi.on('close', () => resolve('close was reported')))
  /** How a promise stands a second after the close: resolved, rejected or pending. */
  const state = promise =>
    Promise.race([promise.then(() => 'resolved', () => 'rejected'), wait(1000).then(() => 'pending')])

  const answered = await state(xapi.Command.Bookings.List({ Days: 30 }))
  const inFlight = xapi.Command.Bookings.Clear()
  const reported = await closed
  const said =
    `answered: ${answered}; ${reported}; in flight at the close: ${await state(inFlight)}; ` +
    `sent after the close: ${await state(xapi.Command.Bookings.List({ Days: 30 }))}`
  console.log(said)
  assert.equal(
    said,
    'answered: resolved; close was reported; in flight at the close: pending; sent after the close: pending',
  )
}
main().then(() => process.exit(), error => {
  console.error(error)
  process.exit(1)
})
JS
node probe.cjs
