#!/usr/bin/env bash
# @microsoft/microsoft-graph-client 3.0.7: PageIterator drops the Prefer header after the first page.
#
# Behaviour: events are asked for with `Prefer: outlook.timezone="Tokyo Standard Time"`. The iterator that continues
#   from that answer asks for the next page without the header. Graph then answers that page in UTC.
#   Only headers given once more, as the iterator's third argument, are sent.
# Output: page 1: outlook.timezone="Tokyo Standard Time"
#         page 2: none
# A good engineer would have guessed: the iterator continues the request it was made from, headers included.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/microsoft-graph-client@3.0.7 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { Client, PageIterator } from '@microsoft/microsoft-graph-client'

const prefer = []
globalThis.fetch = async (url, { headers }) => {
  prefer.push(new Headers(headers).get('prefer') ?? 'none')
  const next = 'https://graph.microsoft.com/v1.0/me/events?$skip=1'
  return Response.json({ value: [{ id: 'x' }], ...(prefer.length === 1 && { '@odata.nextLink': next }) })
}
const client = Client.init({ authProvider: done => done(null, 'token') })
const first = await client.api('/me/events').header('Prefer', 'outlook.timezone="Tokyo Standard Time"').get()
await new PageIterator(client, first, () => true).iterate()
prefer.forEach((value, page) => console.log(`page ${page + 1}: ${value}`))
assert.deepEqual(prefer, ['outlook.timezone="Tokyo Standard Time"', 'none'])
JS
node probe.mjs
