import { type ConnectionState, connectionsFrom, stateOf } from '../../../src/contract/connections.ts'
import type { Login } from '../../../src/contract/identity.ts'
import { connectionPath, paths, zoomLoginPath } from '../../../src/contract/paths.ts'
import type { Settings } from '../../../src/service/start.ts'
import type { Person } from '../../../src/simulator/people.ts'
import { userCredentials } from '../../../src/simulator/zoom/apps.ts'
import { outsider } from '../../../src/simulator/zoom/users.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { asker, codeIn, proofKey, publicUrl, signIn } from '../identity/kit.ts'
import { ada, type Engine, openWorld, type World } from '../kit.ts'

const on: Partial<Settings> = {
  ZOOM_CONNECT: true,
  ZOOM_USER_CLIENT_ID: userCredentials.clientId,
  ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
}

/** A connection as the service shows it. */
export const inState = (state: ConnectionState) => {
  const { says, wayOut } = stateOf('zoom', state)
  return { state, says, wayOut, permission: 'read-write' }
}

/** A service where people can connect their own Zoom account. `changes`: of its settings. */
export async function openZoomWorld(
  engine: Engine,
  changes: (world: World) => Promise<Partial<Settings>> = async () => ({}),
) {
  const world = await openWorld(engine, { redirectUris: [publicUrl + paths.zoomLoginCallback] })
  const { origin } = await world.startService({ ...on, ...(await changes(world)) })
  const ask = asker(origin)
  /** Signs in to Zoom in the dialog: what the dialog hands over. */
  async function login(email: string = outsider.email, key = proofKey()): Promise<Login> {
    const begun = await ask('GET', zoomLoginPath(key.challenge))
    const back = await ask('GET', await signIn(begun.location, email))
    return { verifier: key.verifier, code: codeIn(back.location) }
  }
  const put = async (body: Login, person: Person = ada) =>
    ask('PUT', connectionPath('zoom'), { bearer: await world.token(person), body })
  return {
    world,
    origin,
    ask,
    login,
    put,
    connect: async (email: string = outsider.email, person: Person = ada) => put(await login(email), person),
    disconnect: async (person: Person = ada) =>
      ask('DELETE', connectionPath('zoom'), { bearer: await world.token(person) }),
    state: async (person: Person = ada, at = ask) =>
      connectionsFrom((await at('GET', paths.connections, { bearer: await world.token(person) })).body).zoom,
    schedule: async (key = newKey(), person: Person = ada) =>
      putMeeting(origin, await world.token(person), key),
    hosts: () => world.zoom.meetings().map(({ host_email }) => host_email),
    asked: (path: string) =>
      world.zoom.requests().filter((request) => `${request.method} ${request.path}`.startsWith(path)).length,
  }
}
