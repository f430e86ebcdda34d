import { type ConnectionState, connectionsFrom, stateOf } from '../../../src/contract/connections.ts'
import type { Login } from '../../../src/contract/identity.ts'
import { connectionPath, paths, zoomLoginPath } from '../../../src/contract/paths.ts'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import type { Settings } from '../../../src/service/start.ts'
import type { Person } from '../../../src/simulator/people.ts'
import { userCredentials } from '../../../src/simulator/zoom/apps.ts'
import { outsider } from '../../../src/simulator/zoom/users.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { asker, codeIn, proofKey, publicUrl, signIn } from '../identity/kit.ts'
import { ada, type Engine, openWorld, type World } from '../kit.ts'
import { signedByZoom, zoomTime } from '../signed-by-zoom.ts'

/** The settings with which people can connect their own Zoom account. */
export const ownZoom: Partial<Settings> = {
  ZOOM_CONNECT: true,
  ZOOM_USER_CLIENT_ID: userCredentials.clientId,
  ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
  ZOOM_USER_WEBHOOK_SECRET_TOKEN: userCredentials.webhookSecret,
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
  const { origin } = await world.startService({ ...ownZoom, ...(await changes(world)) })
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

/** The instant so many seconds ago. */
export const instant = (ago: number) => new Date(Date.now() - ago * 1000).toISOString()
/** Seconds after which no sign-in can be in progress any more. */
export const settled = 20
/** What Zoom sends when a person removed the app so long ago. */
export const removal = (changes: Record<string, unknown> = {}, event = 'app_deauthorized') =>
  JSON.stringify({
    event,
    event_ts: Date.now(),
    payload: {
      ...{ account_id: outsider.account_id, user_id: outsider.id, client_id: userCredentials.clientId },
      ...{ deauthorization_time: instant(settled), signature: 'f'.repeat(64), user_data_retention: null },
      ...changes,
    },
  })

/** Sends what Zoom sends, as if it were so many seconds ago. */
export function tell(origin: string, body: string, secret: string = userCredentials.webhookSecret, ago = 0) {
  const headers = signedByZoom(body, zoomTime(ago), secret)
  return fetch(`${origin}${zoomEventsPath}`, { method: 'POST', body, headers })
}
