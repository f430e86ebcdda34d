// What handing out a cached access token is compared with: the least that checks the same proof, by the service's own
// check, and answers a token of the same size. It asks no database, limits nobody and logs nothing.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { runnerImport } from 'vite'

const { ENTRA_AUTHORITY, ENTRA_CLIENT_ID, ENTRA_TENANTS, PORT } = process.env
const { createEntra } = (await runnerImport('/src/service/identity/entra.ts', { configFile: false })).module
const { check } = createEntra(
  { authority: ENTRA_AUTHORITY, clientId: ENTRA_CLIENT_ID, tenants: [ENTRA_TENANTS] },
  { info() {}, error: console.error },
)
const tokens = new Map()

createServer(async (incoming, outgoing) => {
  if (incoming.method === 'GET') return outgoing.end('ok')
  try {
    const { subject } = await check(incoming.headers.authorization.slice('Bearer '.length))
    if (!tokens.has(subject)) tokens.set(subject, newToken())
    const { expiresAt, ...token } = tokens.get(subject)
    const expiresIn = Math.floor((expiresAt - Date.now()) / 1000)
    outgoing.setHeader('content-type', 'application/json')
    outgoing.setHeader('cache-control', 'no-store')
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
