import { createRoute, z } from '@hono/zod-openapi'
import { adminPaths } from '../../contract/admin-paths.ts'
import {
  pairingRequestSchema,
  placesSchema,
  roomAddressSchema,
  roomNameSchema,
  roomRequestSchema,
  roomSystemRequestSchema,
  roomsSchema,
} from '../../contract/admin-rooms.ts'
import { actingAs } from '../connections/mailboxes.ts'
import type { RoomSystems } from '../connector/systems.ts'
import { type Api, bearer, body, json, refusals } from '../http/openapi.ts'
import type { RoomActs } from './rooms.ts'
import type { Screens } from './screens.ts'

const params = z.object({ address: roomAddressSchema })

const routes = {
  places: createRoute({
    method: 'get',
    path: adminPaths.places,
    summary: 'The rooms of the administrator’s directory, as Microsoft 365 has them',
    description: 'By the application permission Place.Read.All.',
    security: bearer,
    responses: { 200: json(placesSchema, 'All of them, by building, floor and name'), ...refusals },
  }),
  list: createRoute({
    method: 'get',
    path: adminPaths.rooms,
    summary: 'The rooms that were added, with their screens',
    security: bearer,
    responses: { 200: json(roomsSchema, 'All of them'), ...refusals },
  }),
  add: createRoute({
    method: 'put',
    path: adminPaths.room,
    summary: 'Add a room, or change its name and place',
    description:
      'By its address. Its mailbox is connected by application permissions, to be read. Needs the role Admin.',
    security: bearer,
    request: { params, body: body(roomRequestSchema) },
    responses: { 204: { description: 'The room is added' }, ...refusals },
  }),
  remove: createRoute({
    method: 'delete',
    path: adminPaths.room,
    summary: 'Remove a room, its screens and the connection of its mailbox',
    description: 'By its address, or by the object id of its mailbox. Needs the role Admin.',
    security: bearer,
    request: { params: z.object({ address: roomNameSchema }) },
    responses: { 204: { description: 'The room is removed' }, ...refusals },
  }),
  saveSystem: createRoute({
    method: 'put',
    path: adminPaths.roomSystem,
    summary: 'Give a room its room system, or another one',
    description:
      'The service connects with it at once, and answers when it has, or after 10 seconds. The list of rooms says what came of it. Needs the role Admin.',
    security: bearer,
    request: { params: z.object({ address: roomNameSchema }), body: body(roomSystemRequestSchema) },
    responses: { 204: { description: 'The room system is saved' }, ...refusals },
  }),
  removeSystem: createRoute({
    method: 'delete',
    path: adminPaths.roomSystem,
    summary: 'Remove the room system of a room',
    description: 'Its bookings are taken from it, if it answers. Needs the role Admin.',
    security: bearer,
    request: { params: z.object({ address: roomNameSchema }) },
    responses: { 204: { description: 'It is booked no more' }, ...refusals },
  }),
  pair: createRoute({
    method: 'post',
    path: adminPaths.screens,
    summary: 'Say what a screen shows, by the code that it shows',
    description:
      'One room, by its address. Or all rooms of a building, of a floor of it, or of the directory. Needs the role Admin.',
    security: bearer,
    request: { body: body(pairingRequestSchema) },
    responses: { 204: { description: 'The screen is paired' }, ...refusals },
  }),
  removeScreen: createRoute({
    method: 'delete',
    path: adminPaths.screen,
    summary: 'Remove a screen',
    description: 'Needs the role Admin.',
    security: bearer,
    request: { params: z.object({ id: z.string().regex(/^\d{1,18}$/) }) },
    responses: { 204: { description: 'It shows nothing any more' }, ...refusals },
  }),
}

/** Rooms and screens, for administrators. `adminRoutes` has the guards of every path under `/admin`. */
export function roomAdminRoutes(api: Api, rooms: RoomActs, screens: Screens, systems: RoomSystems): void {
  api.openapi(routes.places, async (c) =>
    c.json({ places: await rooms.places(actingAs(c.get('administrator'))) }, 200),
  )
  api.openapi(routes.list, async (c) => c.json(await rooms.list(actingAs(c.get('administrator'))), 200))
  api.openapi(routes.add, async (c) => {
    await rooms.add(actingAs(c.get('administrator')), c.req.valid('param').address, c.req.valid('json'))
    return c.body(null, 204)
  })
  api.openapi(routes.remove, async (c) => {
    await rooms.remove(actingAs(c.get('administrator')), c.req.valid('param').address)
    return c.body(null, 204)
  })
  api.openapi(routes.saveSystem, async (c) => {
    const acting = actingAs(c.get('administrator'))
    const room = await rooms.find(acting, c.req.valid('param').address)
    await systems.save(acting, room, c.req.valid('json'))
    return c.body(null, 204)
  })
  api.openapi(routes.removeSystem, async (c) => {
    const acting = actingAs(c.get('administrator'))
    await systems.remove(acting, await rooms.find(acting, c.req.valid('param').address))
    return c.body(null, 204)
  })
  api.openapi(routes.pair, async (c) => {
    const { code, address, building, floor } = c.req.valid('json')
    await screens.pair(actingAs(c.get('administrator')), code, address ? { address } : { building, floor })
    return c.body(null, 204)
  })
  api.openapi(routes.removeScreen, async (c) => {
    await screens.remove(actingAs(c.get('administrator')), c.req.valid('param').id)
    return c.body(null, 204)
  })
}
