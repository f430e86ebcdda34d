import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newId, streams } from '../src/service/feed/streams.ts'

// The part of the service that holds streams of hints, alone. `GET /{person}/{session}` opens one.
const open = streams(async (sessions) => new Set(sessions))
const server = createServer(({ url = '' }, answer) => {
  const [, subject = '', session = ''] = url.split('/')
  open.open(answer, { subject, session })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', (asked: { tell?: string }) => {
  if (asked.tell) open.changed(asked.tell, newId())
})
