// What the streams of hints are compared with: the least that holds answers open and writes an event to those of one person.
import { createServer } from 'node:http'

const people = new Map()
const server = createServer(({ url }, answer) => {
  const person = url.split('/')[1]
  if (!people.has(person)) people.set(person, [])
  people.get(person).push(answer)
  answer.writeHead(200, { 'content-type': 'text/event-stream' })
  answer.write('event: changed\nid: 0123456789abcdef\ndata:\n\n')
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', ({ tell }) => {
  for (const answer of people.get(tell) ?? []) answer.write('event: changed\nid: 0123456789abcdef\ndata:\n\n')
})
