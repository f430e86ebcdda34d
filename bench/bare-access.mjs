// What handing out a cached access token is compared with: the least that checks the same proof, by the service's own
// check, and answers a token of the same size. It asks no database, limits nobody and logs nothing. With `FULL` each answer
// has the service's headers, and each request an id and the service's log line: no other way of serving could save them.
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { runnerImport } from 'vite'

const { ENTRA_AUTHORITY, ENTRA_CLIENT_ID, ENTRA_TENANTS, PORT, FULL } = process.env
const { createEntra } = (await runnerImport('/src/service/identity/entra.ts', { configFile: false })).module
const { check } = createEntra(
  { authority: ENTRA_AUTHORITY, clientId: ENTRA_CLIENT_ID, tenants: [ENTRA_TENANTS] },
  { info() {}, error: console.error },
)
const { createLog } = (await runnerImport('/src/service/log.ts', { configFile: false })).module
const { answerHeaders } = (await runnerImport('/src/service/http/middleware.ts', { configFile: false }))
  .module
const setHeaders = await answerHeaders({ authority: ENTRA_AUTHORITY, frameAncestors: [], callers: [] })
const log = createLog()
const tokens = new Map()

createServer(async (incoming, outgoing) => {
  if (incoming.method === 'GET') return outgoing.end('ok')
  const began = performance.now()
  const requestId = randomUUID()
  try {
    const { subject } = await check(incoming.headers.authorization.slice('Bearer '.length))
    if (!tokens.has(subject)) tokens.set(subject, newToken())
    const { expiresAt, ...token } = tokens.get(subject)
    const expiresIn = Math.floor((expiresAt - Date.now()) / 1000)
    outgoing.setHeader('content-type', 'application/json')
    outgoing.setHeader('cache-control', 'no-store')
    if (FULL) {
      outgoing.setHeader('x-request-id', requestId)
      setHeaders({ env: { incoming, outgoing }, req: { path: incoming.url } })
      const milliseconds = Math.round(performance.now() - began)
      log.info('request', { requestId, method: 'POST', route: incoming.url, status: 200, milliseconds })
    }
    outgoing.end(JSON.stringify({ ...token, expiresIn }))
  } catch (error) {
    console.error(error)
    outgoing.writeHead(401).end()
  }
}).listen(Number(PORT), '127.0.0.1')

const newToken = () => ({
  accessToken: `simulated.graph.${randomBytes(24).toString('base64url')}`,
  id: `${crypto.randomUUID()}.1`,
  expiresAt: Date.now() + 3_600_000,
})
