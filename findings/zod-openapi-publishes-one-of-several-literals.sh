#!/usr/bin/env bash
# @hono/zod-openapi 1.6.3 publishes only the first value of a zod 4.6.7 literal with several values.
#
# Behaviour: z.literal(['Teams', 'Zoom']) accepts both. The OpenAPI document made from the same schema allows 'Teams'
#   only, so a client generated from it would refuse what the server takes. zod's own z.toJSONSchema writes both values.
# Output: accepted: Teams, Zoom
#         published: {"type":"string","enum":["Teams"]}
#         zod itself: {"type":"string","enum":["Teams","Zoom"]}
# A good engineer would have guessed: what is published is what is checked, since both come from one schema.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  @hono/zod-openapi@1.6.3 @asteasolutions/zod-to-openapi@9.1.0 hono@4.13.19 zod@4.6.7 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'

const provider = z.literal(['Teams', 'Zoom'])
const app = new OpenAPIHono()
const query = z.object({ provider })
app.openapi(createRoute({ method: 'get', path: '/', request: { query }, responses: { 204: { description: '' } } }), c => c.body(null, 204))

const accepted = []
for (const value of ['Teams', 'Zoom', 'Other'])
  if ((await app.request(`/?provider=${value}`)).status === 204) accepted.push(value)
const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: '', version: '' } })
const published = document.paths['/'].get.parameters[0].schema
const { type, enum: values } = z.toJSONSchema(provider)
const said = [`accepted: ${accepted.join(', ')}`, `published: ${JSON.stringify(published)}`, `zod itself: ${JSON.stringify({ type, enum: values })}`]
console.log(said.join('\n'))
assert.deepEqual(said, [
  'accepted: Teams, Zoom',
  'published: {"type":"string","enum":["Teams"]}',
  'zod itself: {"type":"string","enum":["Teams","Zoom"]}',
])
JS
node probe.mjs
