import { z } from 'zod'
import { mailboxSchema, objectIdSchema } from './admin-mailboxes.ts'
import { codeIn, screenKinds } from './rooms.ts'

// What the console and the service say to each other about rooms. The console imports only the types.

/** An address of a room, in small letters. */
export const roomAddressSchema = z.email().max(320).toLowerCase()
const label = z.string().trim().max(200)

/** A room of the directory (Microsoft Graph, "room resource type"). */
export const placeSchema = z.object({
  address: roomAddressSchema,
  name: label,
  /** Empty: the directory does not say. */
  building: label,
  floor: label,
})
export type Place = z.infer<typeof placeSchema>

export const placesSchema = z.object({ places: z.array(placeSchema) })
export type Places = z.infer<typeof placesSchema>

/** How a room is added: as the directory has it, or as the administrator writes it. */
export const roomRequestSchema = placeSchema.omit({ address: true }).extend({ name: label.min(1) })
export type RoomRequest = z.infer<typeof roomRequestSchema>

export const screenSchema = z.object({
  id: z.string(),
  kind: z.enum(screenKinds),
  pairedAt: z.iso.datetime(),
  /** To a few minutes. */
  seenAt: z.iso.datetime(),
})
export type RoomScreen = z.infer<typeof screenSchema>

/** What a stored room is called in a path: its address, or the object id of its mailbox where its address cannot be opened. */
export const roomNameSchema = z.union([objectIdSchema, roomAddressSchema])

/** Room systems that the service can book. */
const roomSystemKinds = ['cisco'] as const

/** How it is with a room system. `current`: it shows the meetings of its room. */
export const roomSystemStates = [
  'new',
  'current',
  'clock',
  'unreachable',
  'certificate',
  'not_allowed',
  'refused',
  'another',
  'rejected',
  'calendar',
  'unreadable',
] as const
export type RoomSystemState = (typeof roomSystemStates)[number]

const noControl = /^[^\p{Cc}]*$/u

/** The room system of a room, as an administrator gives it. */
export const roomSystemRequestSchema = z.strictObject({
  kind: z.enum(roomSystemKinds),
  /** A name or an address, with a port where it is not 443: `10.20.0.7`, `turing.example:8443`. */
  host: z
    .string()
    .trim()
    .max(260)
    .regex(/^([\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/)
    .refine((host) => URL.canParse(`https://${host}`)),
  user: z
    .string()
    .trim()
    .min(1)
    .max(256)
    .regex(noControl)
    .regex(/^[^:]*$/),
  password: z.string().min(1).max(256).regex(noControl),
  /** SHA-256 of its certificate in hexadecimal, with or without colons. Empty: its certificate is valid. */
  pin: z
    .string()
    .transform((text) => text.replace(/[\s:]/g, '').toLowerCase())
    .pipe(z.string().regex(/^([0-9a-f]{64})?$/)),
  /** Whether it is told the titles of meetings that are not private. */
  titles: z.boolean(),
})
export type RoomSystemRequest = z.infer<typeof roomSystemRequestSchema>

/** The room system of a room, as an administrator sees it. */
export const roomSystemSchema = z.object({
  kind: z.enum(roomSystemKinds),
  /** Empty: what is stored of it cannot be opened any more. */
  host: z.string(),
  titles: z.boolean(),
  state: z.enum(roomSystemStates),
  since: z.iso.datetime(),
})
export type RoomSystem = z.infer<typeof roomSystemSchema>

export const roomSchema = placeSchema.extend({
  /** Empty: it was sealed with a key that is lost. Add the room again, or remove it by its object id. */
  address: z.string(),
  /** Of its mailbox. */
  objectId: objectIdSchema,
  /** Whether the service can read its calendar. Null: its mailbox is connected no more. */
  mailbox: mailboxSchema.nullable(),
  screens: z.array(screenSchema),
  /** Null: it has none. */
  system: roomSystemSchema.nullable(),
})
export type Room = z.infer<typeof roomSchema>

export const roomsSchema = z.object({
  /** Whether this deployment books room systems. */
  systemsOn: z.boolean(),
  rooms: z.array(roomSchema),
  /** Screens that show many rooms. Empty texts: of every building, of every floor. */
  walls: z.array(screenSchema.extend({ building: z.string(), floor: z.string() })),
})
export type Rooms = z.infer<typeof roomsSchema>

/** What a screen is to show whose code an administrator has typed: one room, or those of a building or floor. */
export const pairingRequestSchema = z.object({
  code: z.string().transform((typed, context) => {
    const code = codeIn(typed)
    if (!code) context.addIssue({ code: 'custom', message: 'is not a code' })
    return code ?? ''
  }),
  address: roomAddressSchema.optional(),
  building: label.optional(),
  floor: label.optional(),
})
export type PairingRequest = z.input<typeof pairingRequestSchema>
