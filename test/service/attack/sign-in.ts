import { googleLoginPath, zoomLoginPath } from '../../../src/contract/paths.ts'
import { outsider } from '../../../src/simulator/zoom/users.ts'
import { asker, codeIn, proofKey } from '../identity/kit.ts'
import { ada } from '../kit.ts'
import type { Attacked, Service } from './kit.ts'

/** Signs in at the provider in the dialog: what the dialog hands over. */
export async function signIn(
  world: Pick<Attacked, 'google' | 'zoom'>,
  { origin }: Pick<Service, 'origin'>,
  name: 'google' | 'zoom',
  person = outsider.id,
) {
  const { challenge, verifier } = proofKey()
  const at = asker(origin)
  const path =
    name === 'zoom' ? zoomLoginPath(challenge) : googleLoginPath(challenge, { permission: 'read-write' })
  const form = {
    zoom: { person },
    google: { person: ada.objectId, scope: 'https://www.googleapis.com/auth/calendar.events' },
  }
  const { headers } = await world[name].app.request((await at('GET', path)).location, {
    method: 'POST',
    body: new URLSearchParams({ ...form[name], allow: 'yes' }),
  })
  const { pathname, search } = new URL(headers.get('location') ?? '')
  return { verifier, code: codeIn((await at('GET', pathname + search)).location) }
}
