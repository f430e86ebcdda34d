#!/usr/bin/env bash
# @microsoft/microsoft-graph-client 3.0.7: a batch step whose query holds another address asks for "/".
#
# Behaviour: an online meeting is found by its join link, with $filter=JoinWebUrl eq 'https://…'. The client cuts the
#   step's address at everything that looks like a host, and keeps what lies between the first two: nothing.
#   An address without such a query keeps its version, although a batch is sent to /v1.0/$batch already.
# Output: GET https://graph.microsoft.com/v1.0/me/events: /v1.0/me/events
#         GET https://graph.microsoft.com/v1.0/me/onlineMeetings?$filter=JoinWebUrl eq 'https://teams.example/l/1': /
# A good engineer would have guessed: a step asks for path and query of the request that it was made from.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/microsoft-graph-client@3.0.7 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { BatchRequestContent } from '@microsoft/microsoft-graph-client'

const graph = 'https://graph.microsoft.com/v1.0/me/'
const paths = ['events', "onlineMeetings?$filter=JoinWebUrl eq 'https://teams.example/l/1'"]
const steps = paths.map((path, index) => ({ id: `${index}`, request: new Request(graph + path) }))
const { requests } = await new BatchRequestContent(steps).getContent()
requests.forEach(({ method, url }, index) => console.log(`${method} ${graph}${paths[index]}: ${url}`))
assert.deepEqual(
  requests.map(({ url }) => url),
  ['/v1.0/me/events', '/'],
)
JS
node probe.mjs
