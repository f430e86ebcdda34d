import { type Context, Hono } from 'hono'
import { rooms } from '../../people.ts'
import type { Callers } from './callers.ts'
import { GraphError } from './errors.ts'

/** The building and the floor of each room. */
const where = {
  attic: { building: 'Tower', floorLabel: '9', floorNumber: 9, capacity: 4 },
  cellar: { building: 'Tower', floorLabel: '', floorNumber: -1, capacity: 12 },
  turing: { building: 'Annex', floorLabel: '1', floorNumber: 1, capacity: 8 },
} as const satisfies Record<keyof typeof rooms, object>

/**
 * The rooms of the directory, and who has an address. Source: Microsoft Graph, "List place objects", "room resource type" and
 * "List users", with the permissions of each.
 */
export function createPlaces(origin: string, callers: Callers) {
  const app = new Hono()
  let pageSize = 100
  const all = Object.entries(rooms).map(([name, { displayName, emailAddress, objectId }]) => ({
    id: objectId.replace(/^ada/, 'b1d'),
    displayName,
    nickname: displayName,
    label: null,
    emailAddress,
    ...where[name as keyof typeof where],
    bookingType: 'standard',
    tags: [],
    address: null,
    geoCoordinates: null,
    phone: '',
    isWheelChairAccessible: null,
  }))
  const selected = (c: Context, whole: object) => {
    const wanted = c.req.query('$select')?.split(',')
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !wanted || wanted.includes(name)))
  }

  app.get('/places/microsoft.graph.room', async (c) => {
    await callers.callerOf(c, /^Place\.Read(Write)?\.All$/)
    const [skip, top] = [Number(c.req.query('$skip') ?? 0), Number(c.req.query('$top') ?? 100)]
    const size = Math.min(top, pageSize)
    const next = new URLSearchParams({ $top: String(top), $skip: String(skip + size) })
    return c.json({
      '@odata.context': `${origin}/v1.0/$metadata#places/microsoft.graph.room`,
      value: all.slice(skip, skip + size).map((place) => selected(c, place)),
      ...(all.length > skip + size && {
        '@odata.nextLink': `${origin}/v1.0/places/microsoft.graph.room?${next}`,
      }),
    })
  })
  app.get('/users', async (c) => {
    const caller = await callers.callerOf(
      c,
      /^User\.Read(Basic|Write)?\.All$|^Directory\.Read(Write)?\.All$/,
      'Authorization_RequestDenied',
    )
    const asked = /^mail eq '([^']*)'$/.exec(c.req.query('$filter') ?? '')?.[1]?.toLowerCase()
    if (!asked) throw new GraphError('BadRequest', 'This filter is not simulated.')
    const person = callers.find(asked, caller.tenantId)
    const found = person ? [person] : []
    return c.json({
      '@odata.context': `${origin}/v1.0/$metadata#users`,
      // Nobody signs in with the account of a room, whose sign-in name is not always its address.
      value: found.map(({ objectId: id, displayName, emailAddress: mail }) =>
        selected(c, { id, displayName, mail, userPrincipalName: `${id}@contoso.example` }),
      ),
    })
  })
  return {
    app,
    /** Places come so many at a time. */
    limitPages(size: number) {
      pageSize = size
    },
    reset() {
      pageSize = 100
    },
  }
}
