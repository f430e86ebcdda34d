// What the service is compared with: the least that makes the same Zoom call and keeps the same row. It asks nobody
// for a proof, checks and logs nothing, and a repeat or a crash would leave a second meeting.
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import { json } from 'node:stream/consumers'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

const { DATABASE_URL, DATA_DIR, PORT, ZOOM_API_URL, ZOOM_OAUTH_URL, ZOOM_USERS } = process.env
const users = ZOOM_USERS.split(',')
const agent = new Agent({ keepAlive: true, timeout: 3_000 })
const query = DATABASE_URL ? postgres() : await embedded()
const accessToken = await fetchAccessToken()
let served = 0

createServer(async (incoming, outgoing) => {
  try {
    if (incoming.method === 'GET') return outgoing.end('ok')
    const appointment = await json(incoming)
    const meeting = await createMeeting(users[served++ % users.length], appointment)
    const key = incoming.url.slice('/meetings/'.length)
    await query('insert into meetings (subject, key, zoom_meeting_id) values ($1, $2, $3)', [
      'entra:ca11e200-0000-4000-8000-000000000000:ca11e200-0000-4000-8000-000000000000',
      key,
      String(meeting.id),
    ])
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end(JSON.stringify(answer(meeting)))
  } catch (error) {
    console.error(error)
    outgoing.writeHead(500).end()
  }
}).listen(Number(PORT), '127.0.0.1')

async function createMeeting(user, { subject, start, minutes }) {
  const body = JSON.stringify({
    topic: subject,
    type: 2,
    start_time: start,
    duration: minutes,
    timezone: 'Europe/Berlin',
    agenda: 'Scheduled from Outlook. Reference: 0123456789012345678901',
    settings: { calendar_type: 1 },
  })
  const headers = {
    authorization: `Bearer ${accessToken}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  const options = { method: 'POST', agent, headers }
  return new Promise((resolve, reject) => {
    request(`${ZOOM_API_URL}/users/${user}/meetings`, options, (response) => {
      if (response.statusCode === 201) resolve(json(response))
      else reject(new Error(`Zoom answered ${response.statusCode}`))
    })
      .on('error', reject)
      .end(body)
  })
}

/** Under an index of its own: the next token of an index ends the one before, and the service has one too. */
async function fetchAccessToken() {
  const { ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID, ZOOM_CLIENT_SECRET } = process.env
  const response = await fetch(`${ZOOM_OAUTH_URL}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${ZOOM_CLIENT_ID}:${ZOOM_CLIENT_SECRET}`)}` },
    body: new URLSearchParams({ grant_type: 'account_credentials', account_id: ZOOM_ACCOUNT_ID, index: '1' }),
  })
  return (await response.json()).access_token
}

function answer({ id, join_url, password, settings }) {
  const dialIn = settings.global_dial_in_numbers
    .map((line) => `${line.country_name} ${line.number}`)
    .join('\n')
  return { id: String(id), joinUrl: join_url, passcode: password, dialIn }
}

function postgres() {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 })
  pool.on('error', () => {})
  return (text, values) => pool.query(text, values)
}

async function embedded() {
  const pglite = await PGlite.create(`${DATA_DIR}/database/pglite`)
  return (text, values) => pglite.query(text, values)
}
