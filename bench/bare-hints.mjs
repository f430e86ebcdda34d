// What the streams of hints are compared with: the least that holds answers open and writes an event to those of one person.
// With `DATABASE_URL` it hears from PostgreSQL who is to be told.
import { createServer } from 'node:http'
import pg from 'pg'

const people = new Map()
const server = createServer(({ url }, answer) => {
  const person = url.split('/')[1]
  if (!people.has(person)) people.set(person, [])
  people.get(person).push(answer)
  answer.writeHead(200, { 'content-type': 'text/event-stream' })
  answer.write('event: changed\nid: 0123456789abcdef\ndata:\n\n')
})
if (process.env.DATABASE_URL) {
  const client = new pg.Client(process.env.DATABASE_URL)
  client.on('notification', ({ payload }) => tellAll(payload))
  await client.connect()
  await client.query('listen bare_hints')
}
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', ({ tell }) => tellAll(tell))
function tellAll(person) {
  for (const answer of people.get(person) ?? [])
    answer.write('event: changed\nid: 0123456789abcdef\ndata:\n\n')
}
