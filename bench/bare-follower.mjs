// What the service is compared with as it follows a change: the calls that nobody can leave out. It stores the
// notification, reads the event at Graph, and changes the meeting at Zoom. It checks nothing, and a failure loses the change.
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import pg from 'pg'
import { Agent, request } from 'undici'

const env = process.env
const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: 20 })
pool.on('error', () => {})
const dispatcher = new Agent()

await pool.query('create table if not exists bare_jobs (subscription text, event text)')
const { rows } = await pool.query(
  `select subscription, split_part(subject, ':', 3) as mailbox, zoom_meeting_id as meeting
   from watches join meetings using (subject)`,
)
const watched = new Map(rows.map((row) => [row.subscription, row]))
const graphToken = await token(`${env.ENTRA_AUTHORITY}/${env.ENTRA_TENANTS}/oauth2/v2.0/token`, {
  grant_type: 'client_credentials',
  client_id: env.ENTRA_CLIENT_ID,
  client_secret: env.ENTRA_CLIENT_SECRET,
  scope: `${env.GRAPH_URL}/.default`,
})
// Under an index of its own: the next token of an index ends the one before, and the service has one too.
const zoomToken = await token(
  `${env.ZOOM_OAUTH_URL}/token`,
  { grant_type: 'account_credentials', account_id: env.ZOOM_ACCOUNT_ID, index: '1' },
  { authorization: `Basic ${btoa(`${env.ZOOM_CLIENT_ID}:${env.ZOOM_CLIENT_SECRET}`)}` },
)

createServer(async (incoming, outgoing) => {
  if (incoming.method === 'GET') return outgoing.end('ok')
  const { value } = await json(incoming)
  const events = new Map(value.map(({ subscriptionId, resourceData: { id } }) => [id, subscriptionId]))
  await pool.query({
    name: 'insert',
    text: 'insert into bare_jobs select * from unnest($1::text[], $2::text[])',
    values: [[...events.values()], [...events.keys()]],
  })
  outgoing.writeHead(202).end()
  await Promise.all([...events].map(([id, subscription]) => follow(watched.get(subscription), id)))
}).listen(Number(env.PORT), '127.0.0.1')

async function follow({ mailbox, meeting }, id) {
  const event = await ask(`${env.GRAPH_URL}/v1.0/users/${mailbox}/events/${id}`, 'GET', graphToken, {
    prefer: 'IdType="ImmutableId", outlook.timezone="UTC"',
  })
  const { subject, start } = await event.json()
  const change = { topic: subject, type: 2, start_time: `${start.dateTime.slice(0, 19)}Z`, duration: 30 }
  await ask(`${env.ZOOM_API_URL}/meetings/${meeting}`, 'PATCH', zoomToken, {}, JSON.stringify(change))
}

async function ask(url, method, bearer, headers = {}, body = undefined) {
  const { body: answer } = await request(url, {
    method,
    headers: {
      ...headers,
      authorization: `Bearer ${bearer}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    body,
    dispatcher,
  })
  if (method === 'PATCH') await answer.dump()
  return answer
}

async function token(url, form, headers = {}) {
  const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) })
  return (await response.json()).access_token
}
