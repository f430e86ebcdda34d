import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { paths } from '../../../src/contract/paths.ts'

const appointment = {
  subject: 'Quarterly review',
  start: '2030-12-03T09:00:00Z',
  minutes: 30,
  timeZone: 'W. Europe Standard Time',
  recurring: false,
}

/** The statuses of a visit's answers, in their order. */
const expected = [200, 200, 200, 200, 200, 200, 204, 401, 422, 404] as const
/** How many requests a visit has. */
export const requestsOfVisit = expected.length

/**
 * Requests of every kind by one person, each with its answer before the next: a meeting is created, updated, updated by
 * its ticket and removed; some are refused. Half of a request, and a connection that is cut, come with them.
 */
async function visit(origin: string, bearer: string): Promise<void> {
  const key = randomBytes(16).toString('base64url')
  const meeting = `/meetings/${key}`
  const statuses: number[] = []
  async function ask(method: string, path: string, proof: string, body?: unknown) {
    const { status, text } = await request(origin, method, path, proof, body)
    statuses.push(status)
    return text
  }
  await ask('PUT', meeting, bearer, appointment)
  const { ticket } = JSON.parse(
    await ask('PUT', meeting, bearer, { ...appointment, subject: `Moved ${key}` }),
  )
  await ask('PUT', meeting, ticket, { ...appointment, minutes: 45 })
  await ask('GET', paths.me, bearer)
  await ask('GET', paths.connections, bearer)
  await ask('GET', '/openapi.json', bearer)
  await ask('DELETE', meeting, bearer)
  await ask('PUT', meeting, `${bearer.slice(0, -9)}${key.slice(-9)}`, appointment)
  await ask('PUT', meeting, bearer, { ...appointment, [key]: key })
  await ask('GET', `/${key}?${key}`, key)
  await cutOff(origin, `PUT ${meeting} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{`)
  if (statuses.join() !== expected.join()) throw new Error(`A visit was answered ${statuses.join()}`)
}

async function request(origin: string, method: string, path: string, proof: string, body?: unknown) {
  const response = await fetch(origin + path, {
    method,
    headers: { authorization: `Bearer ${proof}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, text: await response.text() }
}

/** Sends these bytes, and cuts the connection. */
const cutOff = (origin: string, bytes: string) =>
  new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () =>
      socket.write(bytes, () => socket.destroy()),
    )
    socket.on('error', () => {}).on('close', () => resolve())
  })

/** So many visits, 16 at a time, each by the next person. */
export async function visits(origin: string, count: number, bearer: () => Promise<string>): Promise<void> {
  let left = count
  const lane = async () => {
    while (left-- > 0) await visit(origin, await bearer())
  }
  await Promise.all(Array.from({ length: 16 }, lane))
}
