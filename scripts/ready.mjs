// Ends with 0 if the service on this machine wants requests: the health check of the image, which has no curl.
import http from 'node:http'
import https from 'node:https'
import { env, exit } from 'node:process'

const { PORT = '8080', TLS_CERT_FILE } = env
const at = { host: '127.0.0.1', port: PORT, path: '/readyz', timeout: 4_000 }
// The certificate is for the public name. Nobody but this machine answers at this address.
const asked = TLS_CERT_FILE ? https.get({ ...at, rejectUnauthorized: false }) : http.get(at)
asked.on('response', ({ statusCode }) => exit(statusCode === 200 ? 0 : 1))
asked.on('timeout', () => asked.destroy(new Error('The service does not answer')))
asked.on('error', ({ message }) => {
  console.error(message)
  exit(1)
})
