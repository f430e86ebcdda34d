// What the service is compared with as it follows a change: the calls that nobody can leave out. It stores the
// notification, reads the event at Graph, and changes the meeting at Zoom. It checks nothing, and a failure loses the change.
// With `GUARANTEES` it does as well what the promises of the service need, with the fewest steps: it compares the secret,
// takes the job that it has stored, reads who is connected and what their organisation wants, compares the event with the
// meeting, leases the record of that, and stores what came of it.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import pg from 'pg'
import { Agent, request } from 'undici'

const env = process.env
/** Graph is asked for the same: the appointment, and the note on it that names its meeting. */
const [, addinId] = /<Id>(.*?)<\/Id>/.exec(readFileSync('manifest.xml', 'utf8'))
const note = `id eq 'String {00020329-0000-0000-C000-000000000046} Name cecp-${addinId}'`
const asked =
  '$select=id,changeKey,type,seriesMasterId,subject,start,end,isAllDay,isCancelled,isOrganizer,originalStartTimeZone,createdDateTime' +
  `&$expand=singleValueExtendedProperties($filter=${encodeURIComponent(note)})`
const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: 20, pipeline: true })
pool.on('error', () => {})
const dispatcher = new Agent()

await pool.query('create table if not exists bare_jobs (subscription text, event text, taken_at timestamptz)')
const { rows } = await pool.query(
  `select subscription, subject, split_part(subject, ':', 3) as mailbox, zoom_meeting_id as meeting
   from watches join callers on callers.id = person join meetings using (subject)`,
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
  { grant_type: 'account_credentials', account_id: env.ZOOM_ACCOUNT_ID, index: env.GUARANTEES ? '2' : '1' },
  { authorization: `Basic ${btoa(`${env.ZOOM_CLIENT_ID}:${env.ZOOM_CLIENT_SECRET}`)}` },
)

createServer(async (incoming, outgoing) => {
  if (incoming.method === 'GET') return outgoing.end('ok')
  const { value } = await json(incoming)
  const events = new Map(value.map(({ subscriptionId, resourceData: { id } }) => [id, subscriptionId]))
  const jobs = [[...events.values()], [...events.keys()]]
  if (env.GUARANTEES) await storeAndTake(jobs)
  else await query('insert into bare_jobs select * from unnest($1::text[], $2::text[])', jobs)
  outgoing.writeHead(202).end()
  const act = env.GUARANTEES ? followWithCare : follow
  await Promise.all([...events].map(([id, subscription]) => act(watched.get(subscription), id)))
}).listen(Number(env.PORT), '127.0.0.1')

async function follow({ mailbox, meeting }, id) {
  await change(meeting, await eventOf(mailbox, id))
}

/** Every process does this in turn, and so sees what the others run. */
async function storeAndTake(jobs) {
  await query('select person, secret from watches where subscription = any($1)', [jobs[0]])
  const one = await pool.connect()
  await Promise.all([
    query('insert into bare_jobs select * from unnest($1::text[], $2::text[])', jobs, one),
    one.query('begin; select pg_advisory_xact_lock(1)'),
    query('update bare_jobs set taken_at = now() where event = any($1) and taken_at is null', [jobs[1]], one),
    one.query('commit'),
  ])
  one.release()
}

async function followWithCare({ subject, mailbox, meeting }, id) {
  await query(
    `select attempts, (select json_agg(provider) from connections join callers on callers.id = person where subject = $1),
       (select json_agg(value) from policies where organisation = $1),
       (select json_agg(group_id) from memberships where memberships.subject = $1)
     from meetings where zoom_meeting_id = $2`,
    [subject, meeting],
  )
  const meetingNow = ask(`${env.ZOOM_API_URL}/meetings/${meeting}`, 'GET', zoomToken)
  const event = await eventOf(mailbox, id)
  const lease = crypto.randomUUID()
  await query(
    `update meetings set lease = $2, leased_until = now() + interval '30 s', attempts = attempts + 1
     where zoom_meeting_id = $1 and (lease is null or leased_until < now())`,
    [meeting, lease],
  )
  const { topic } = await (await meetingNow).json()
  if (topic !== event.subject) await change(meeting, event)
  await query('update meetings set lease = null where zoom_meeting_id = $1 and lease = $2', [meeting, lease])
  await query('delete from bare_jobs where event = $1', [id])
}

async function eventOf(mailbox, id) {
  const event = await ask(`${env.GRAPH_URL}/v1.0/users/${mailbox}/events/${id}?${asked}`, 'GET', graphToken, {
    prefer: 'IdType="ImmutableId", outlook.timezone="UTC"',
  })
  return event.json()
}

async function change(meeting, { subject, start }) {
  const change = { topic: subject, type: 2, start_time: `${start.dateTime.slice(0, 19)}Z`, duration: 30 }
  await ask(`${env.ZOOM_API_URL}/meetings/${meeting}`, 'PATCH', zoomToken, {}, JSON.stringify(change))
}

/** Each statement is planned once for a connection, as those of the service are. */
function query(text, values, on = pool) {
  return on.query({ name: text.slice(0, 50), text, values })
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
