// What handing out a cached access token is compared with. Each answers what the service answered (`ANSWER`), asks no
// database, limits nobody and logs nothing. By default `jose` verifies each proof, as a bare route would. With `REMEMBER` the
// service's own check does it, which remembers the proofs that it has verified. With `FULL` each answer has the service's
// headers too, and each request an id and the service's log line: no other way of serving could save them.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { runnerImport } from 'vite'

const { ENTRA_AUTHORITY, ENTRA_CLIENT_ID, ENTRA_TENANTS, PORT, ANSWER, REMEMBER, FULL } = process.env
const ours = async (file) => (await runnerImport(`/src/service/${file}`, { configFile: false })).module
const { createEntra } = await ours('identity/entra.ts')
const settings = { authority: ENTRA_AUTHORITY, clientId: ENTRA_CLIENT_ID, tenants: [ENTRA_TENANTS] }
const { check } = createEntra(settings, { info() {}, error: console.error })
const { createLog } = await ours('log.ts')
const { answerHeaders } = await ours('http/middleware.ts')
const setHeaders = await answerHeaders({ authority: ENTRA_AUTHORITY, frameAncestors: [], callers: [] })
const log = createLog()

const keys = createRemoteJWKSet(new URL(`${ENTRA_AUTHORITY}/common/discovery/v2.0/keys`))
const expected = {
  issuer: `${ENTRA_AUTHORITY}/${ENTRA_TENANTS}/v2.0`,
  audience: ENTRA_CLIENT_ID,
  algorithms: ['RS256'],
  clockTolerance: 60,
}
async function verified(proof) {
  const { payload } = await jwtVerify(proof, keys, expected)
  const { tid, oid, azp, scp } = payload
  if (azp !== ENTRA_CLIENT_ID || !scp.split(' ').includes('access_as_user')) throw new Error('refused')
  return { subject: `entra:${tid}:${oid}` }
}
const whoShows = REMEMBER ? check : verified

const tokens = new Map()
const kept = () => ({ ...JSON.parse(ANSWER), expiresAt: Date.now() + 3_600_000 })

createServer(async (incoming, outgoing) => {
  if (incoming.method === 'GET') return outgoing.end('ok')
  const began = performance.now()
  const requestId = randomUUID()
  try {
    const { subject } = await whoShows(incoming.headers.authorization.slice('Bearer '.length))
    if (!tokens.has(subject)) tokens.set(subject, kept())
    const { expiresAt, ...token } = tokens.get(subject)
    token.expiresIn = Math.floor((expiresAt - Date.now()) / 1000)
    outgoing.setHeader('content-type', 'application/json')
    outgoing.setHeader('cache-control', 'no-store')
    if (FULL) {
      outgoing.setHeader('x-request-id', requestId)
      setHeaders({ env: { incoming, outgoing }, req: { path: incoming.url } })
      const milliseconds = Math.round(performance.now() - began)
      log.info('request', { requestId, method: 'POST', route: incoming.url, status: 200, milliseconds })
    }
    outgoing.end(JSON.stringify(token))
  } catch (error) {
    console.error(error)
    outgoing.writeHead(401).end()
  }
}).listen(Number(PORT), '127.0.0.1')
