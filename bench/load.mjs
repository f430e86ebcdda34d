// A process that, for each message, sends requests to a server as fast as they are answered, each of the next caller, and
// says how that went. By default that is `PUT /meetings/:key`, each with a key of its own.
import { randomBytes } from 'node:crypto'
import autocannon from 'autocannon'

const body = JSON.stringify({
  subject: 'Quarterly review',
  start: '2030-12-03T09:00:00Z',
  minutes: 30,
  timeZone: 'W. Europe Standard Time',
  recurring: false,
})
let sent = 0

/** As Graph sends notifications. The subscriptions are those of `mailboxes.ts`. */
function notifications({ together, subscriptions, tenantId }) {
  const value = Array.from({ length: together }, () => ({
    subscriptionId: `subscription-${String(1 + Math.floor(Math.random() * subscriptions)).padStart(23, '0')}`,
    clientState: 'secret',
    tenantId,
    changeType: 'updated',
    resource: 'Users/00000000-0000-4000-8000-000000000000/Events/AAMkAD',
    subscriptionExpirationDateTime: '2030-12-03T09:00:00.0000000Z',
    resourceData: { '@odata.type': '#Microsoft.Graph.Event', id: randomBytes(90).toString('base64url') },
  }))
  return JSON.stringify({ value })
}

/** Until it is told to stop, this process never sleeps. A server that waits for its client would pay for waking it. */
function stayAwake() {
  let isAwake = true
  const turn = () => isAwake && setImmediate(turn)
  turn()
  return () => {
    isAwake = false
  }
}

process.on('message', async ({ origin, tokens, connections, request: other, awake, ...length }) => {
  const setupRequest = (request) => ({
    ...request,
    path: other?.path ?? `/meetings/${randomBytes(16).toString('base64url')}`,
    ...(other?.notifications && { body: notifications(other.notifications) }),
    headers: {
      ...((!other || other.notifications) && { 'content-type': 'application/json' }),
      authorization: `Bearer ${tokens[sent++ % tokens.length]}`,
    },
  })
  const requests = [{ ...(other ? { method: other.method } : { method: 'PUT', body }), setupRequest }]
  const sleep = awake ? stayAwake() : () => {}
  const result = await autocannon({ url: origin, connections, ...length, requests })
  sleep()
  process.send({
    answered: result['2xx'],
    failed: result.non2xx + result.errors + result.timeouts,
    seconds: result.duration,
    p99: result.latency.p99,
  })
})
process.on('disconnect', () => process.exit())
