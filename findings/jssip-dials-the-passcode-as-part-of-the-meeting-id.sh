#!/usr/bin/env bash
# jssip 3.13.8 removes the dot between meeting ID and passcode from the SIP address of a Zoom meeting.
#
# Behaviour: a room system joins Zoom at {meeting ID}.{passcode}@zoomcrc.com. JsSIP takes a user part of digits and dots
#   for a telephone number and removes its separators, also where the target is a whole SIP URI. The call goes to
#   one long number, which is no meeting. A user part with letters keeps its dots.
# Output: 91234567890.123456@zoomcrc.com: sip:91234567890123456@zoomcrc.com
#         sip:91234567890.123456@zoomcrc.com: sip:91234567890123456@zoomcrc.com
#         board.room@example.com: sip:board.room@example.com
# A good engineer would have guessed: a target that is a SIP URI with a host is sent as it was given.
# Needs Node 20 or later; seen on 20 and 24. Calls and messages share this rule; a message needs no browser.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts jssip@3.13.8 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import JsSIP from 'jssip'

const requests = []
const wire = {
  url: 'wss://sip.example',
  sip_uri: 'sip:sip.example;transport=ws',
  via_transport: 'WSS',
  connect: () => setTimeout(() => wire.onconnect()),
  disconnect() {},
  isConnected: () => true,
  isConnecting: () => false,
  send: text => requests.push(text.split(' ')[1]),
}
const agent = new JsSIP.UA({ sockets: [wire], uri: 'sip:room@example.com', register: false })
const connected = new Promise(resolve => agent.once('connected', resolve))
agent.start()
await connected
const targets = ['91234567890.123456@zoomcrc.com', 'sip:91234567890.123456@zoomcrc.com', 'board.room@example.com']
for (const target of targets) agent.sendMessage(target, '')
targets.forEach((target, index) => console.log(`${target}: ${requests[index]}`))
assert.deepEqual(requests, ['sip:91234567890123456@zoomcrc.com', 'sip:91234567890123456@zoomcrc.com', 'sip:board.room@example.com'])
process.exit()
JS
node probe.mjs
