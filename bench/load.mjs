// Sends `PUT /meetings/:key` as fast as it is answered, each with a key of its own and the next caller.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import autocannon from 'autocannon'

const [{ origin, tokens, connections, ...length }] = await once(process, 'message')
const body = JSON.stringify({
  subject: 'Quarterly review',
  start: '2030-12-03T09:00:00Z',
  minutes: 30,
  timeZone: 'W. Europe Standard Time',
  recurring: false,
})
let sent = 0
const setupRequest = (request) => ({
  ...request,
  path: `/meetings/${randomBytes(16).toString('base64url')}`,
  headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[sent++ % tokens.length]}` },
})

const result = await autocannon({
  url: origin,
  connections,
  ...length,
  requests: [{ method: 'PUT', body, setupRequest }],
})
process.send({
  answered: result['2xx'],
  failed: result.non2xx + result.errors + result.timeouts,
  seconds: result.duration,
  p99: result.latency.p99,
})
process.disconnect()
