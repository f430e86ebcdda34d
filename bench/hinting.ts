import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openDatabase } from '../src/service/database/open.ts'
import { channel } from '../src/service/feed/channel.ts'
import { newId, streams } from '../src/service/feed/streams.ts'
import { createLog } from '../src/service/log.ts'

// The part of the service that holds streams of hints, alone. `GET /{person}/{session}` opens one. With `DATABASE_URL` it
// hears from PostgreSQL who is to be told.
const open = streams(async (sessions) => new Set(sessions))
const server = createServer(({ url = '' }, answer) => {
  const [, subject = '', session = ''] = url.split('/')
  open.open(answer, { subject, session })
})
const { DATABASE_URL: address } = process.env
if (address) {
  const said = (message: string) => {
    const [, subject = '', id = ''] = message.split(' ')
    open.changed(subject, id)
  }
  const { database } = await openDatabase(address, '')
  await channel({ database, address, said, missed: open.doubt, log: createLog() }).hear()
}
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', (asked: { tell?: string }) => {
  if (asked.tell) open.changed(asked.tell, newId())
})
