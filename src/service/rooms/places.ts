import { z } from 'zod'
import type { Place } from '../../contract/admin-rooms.ts'
import { Problem } from '../../contract/problems.ts'
import { type Application, applicationToken } from '../connections/microsoft-application.ts'
import type { Log } from '../log.ts'
import { onceMore } from '../outbound/once-more.ts'

/** Milliseconds for the token and all pages together. */
const deadline = 15_000
/** Microsoft Graph gives at most 100 places a page. */
const [pageSize, mostPages] = [100, 50]

const text = z.string().nullish()
/** Microsoft Graph, "room resource type". */
const room = z.object({
  displayName: text,
  emailAddress: text,
  building: text,
  floorLabel: text,
  floorNumber: z.number().nullish(),
})
const page = z.object({ value: z.array(room), '@odata.nextLink': z.string().optional() })
const users = z.object({ value: z.array(z.object({ id: z.guid().toLowerCase() })) })

export type PlacesOf = ReturnType<typeof graphPlaces>

/**
 * The rooms of a directory, by the application's own permissions `Place.Read.All` and `User.ReadBasic.All`. Each question has
 * a token of its own, as those about mailboxes.
 */
export function graphPlaces({ authority, clientId, clientSecret, graph }: Application, log: Log) {
  const fetchToken = applicationToken({ authority, clientId, graph }, log)

  async function tokenFor(directory: string, signal: AbortSignal): Promise<string> {
    if (!clientSecret) throw new Problem('application_misconfigured')
    const token = await fetchToken(directory, clientSecret, signal)
    if (token.kind === 'granted') return token.accessToken
    if (token.kind === 'down') throw new Problem('graph_unreachable')
    throw new Problem(token.kind === 'misconfigured' ? 'application_misconfigured' : 'application_missing')
  }

  /** Throws `places_not_permitted` and `graph_unreachable`. */
  async function ask(
    { path, route, token }: { path: string; route: string; token: string },
    signal: AbortSignal,
  ): Promise<unknown> {
    const began = performance.now()
    const headers = { authorization: `Bearer ${token}` }
    const response = await onceMore(() =>
      fetch(`${graph}/v1.0${path}`, { headers, redirect: 'error', signal }),
    ).catch(() => undefined)
    const said: unknown = await response?.json().catch(() => undefined)
    const status = response?.status ?? 0
    log.info('graph call', {
      method: 'GET',
      route,
      status,
      milliseconds: Math.round(performance.now() - began),
    })
    if (response?.ok) return said
    if (status === 401 || status === 403) throw new Problem('places_not_permitted')
    const retryAfter = Number(response?.headers.get('retry-after'))
    throw new Problem('graph_unreachable', retryAfter > 0 ? { retryAfter } : {})
  }

  async function list(token: string, signal: AbortSignal): Promise<Place[]> {
    const places: Place[] = []
    let path: string | undefined = `/places/microsoft.graph.room?$top=${pageSize}`
    for (let count = 0; path && count < mostPages; count++) {
      const answer = page.safeParse(await ask({ path, route: '/places/microsoft.graph.room', token }, signal))
      if (!answer.success) throw new Problem('graph_unreachable')
      places.push(...answer.data.value.flatMap(placeIn))
      const next: string | undefined = answer.data['@odata.nextLink']
      // The token goes to Graph and to nobody else.
      if (next !== undefined && !next.startsWith(`${graph}/v1.0/`)) throw new Problem('graph_unreachable')
      path = next?.slice(`${graph}/v1.0`.length)
    }
    return places.toSorted((one, other) => orderOf(one).localeCompare(orderOf(other)))
  }

  return {
    /** Those with an address, by building, floor and name. */
    async list(directory: string): Promise<Place[]> {
      const signal = AbortSignal.timeout(deadline)
      return list(await tokenFor(directory, signal), signal)
    },

    /** The object id of the room with this address. Throws `no_such_room`: also for the mailbox of a person. */
    async objectIdOf(directory: string, address: string): Promise<string> {
      const signal = AbortSignal.timeout(deadline)
      const token = await tokenFor(directory, signal)
      const places = await list(token, signal)
      if (!places.some((place) => place.address === address)) throw new Problem('no_such_room')
      // A sign-in name can differ from the address.
      const filter = new URLSearchParams({
        $filter: `mail eq '${address.replaceAll("'", "''")}'`,
        $select: 'id',
      })
      const answer = users.safeParse(await ask({ path: `/users?${filter}`, route: '/users', token }, signal))
      if (!answer.success) throw new Problem('graph_unreachable')
      const [found] = answer.data.value
      if (!found) throw new Problem('no_such_room')
      return found.id
    },
  }
}

function placeIn({
  displayName,
  emailAddress,
  building,
  floorLabel,
  floorNumber,
}: z.infer<typeof room>): Place[] {
  if (!emailAddress?.includes('@')) return []
  const floor = floorLabel || (floorNumber == null ? '' : String(floorNumber))
  const [name, place, level] = [displayName || emailAddress, building ?? '', floor].map((one) =>
    one.trim().slice(0, 200),
  )
  return [{ address: emailAddress.toLowerCase(), name, building: place, floor: level } as Place]
}

export const orderOf = ({ building, floor, name }: Place) => `${building}\n${floor}\n${name}`
