// What the service is compared with as it receives notifications: the least that stores the same rows, in one statement
// for each request. It checks nothing, looks nothing up, and a repeat would be stored again.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import pg from 'pg'

const { DATABASE_URL, PORT } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 })
pool.on('error', () => {})

createServer(async (incoming, outgoing) => {
  try {
    if (incoming.method === 'GET') return outgoing.end('ok')
    const { value } = await json(incoming)
    const jobs = value.map(({ tenantId, resourceData: { id } }) => {
      const subject = `entra:${tenantId}:00000000-0000-4000-8000-000000000000`
      return { subject, event: id, key: createHash('sha256').update(`${subject} ${id} `).digest('base64url') }
    })
    await pool.query({
      name: 'insert',
      text: `insert into pgboss.job (name, data, singleton_key, group_id, policy, retry_limit, expire_seconds)
        select 'events', jsonb_build_object('event', event, 'subject', subject), key, subject, 'stately', 20, 60
        from unnest($1::text[], $2::text[], $3::text[]) as job (subject, event, key) on conflict do nothing`,
      values: ['subject', 'event', 'key'].map((name) => jobs.map((job) => job[name])),
    })
    outgoing.writeHead(202).end()
  } catch (error) {
    console.error(error)
    outgoing.writeHead(500).end()
  }
}).listen(Number(PORT), '127.0.0.1')
