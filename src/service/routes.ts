import { createRoute, z } from '@hono/zod-openapi'
import { Appointment, appointmentSchema } from '../contract/appointment.ts'
import { appointmentDescriptions, described, meetingDescriptions } from '../contract/descriptions.ts'
import {
  type Bootstrap,
  bootstrapSchema,
  type Me,
  meSchema,
  type Session,
  secretPattern,
  sessionRequestFrom,
  sessionRequestSchema,
  sessionSchema,
  zoomLoginFrom,
  zoomLoginSchema,
} from '../contract/identity.ts'
import { type Meeting, meetingSchema } from '../contract/meeting.ts'
import { ownerHeader, ownerPattern } from '../contract/owner.ts'
import { keyPattern, paths } from '../contract/paths.ts'
import { problemSchema } from './http/problem-answer.ts'

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
})
const refusals = {
  default: {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
}
const toDialog = {
  303: { description: "To Zoom, or to the add-in's dialog page with `#link=<code>` or `#problem=<code>`" },
  ...refusals,
}

const asked = <T>(name: string, from: (input: unknown) => T, schema: object) =>
  z.any().transform(from).openapi(name, schema)
const answered = <T>(name: string, schema: object) => z.custom<T>().openapi(name, schema)

const appointment = asked(
  'Appointment',
  Appointment.from,
  described(appointmentSchema, appointmentDescriptions),
)
const sessionRequest = asked('SessionRequest', sessionRequestFrom, sessionRequestSchema)
const zoomLogin = asked('ZoomLogin', zoomLoginFrom, zoomLoginSchema)
const meeting = answered<Meeting>('Meeting', described(meetingSchema, meetingDescriptions))
const bootstrap = answered<Bootstrap>('Bootstrap', bootstrapSchema)
const session = answered<Session>('Session', sessionSchema)
const me = answered<Me>('Me', meSchema)

const meetingKey = z.object({ key: z.string().regex(new RegExp(keyPattern)) })

/** Who the meeting is for, where the appointment is in somebody else's calendar. */
const forWhom = z.object({
  [ownerHeader]: z
    .string()
    .max(1_000)
    .transform((encoded, context) => {
      const address = decoded(encoded)
      if (address && new RegExp(ownerPattern, 'u').test(address)) return address
      context.addIssue('is no address')
      return z.NEVER
    })
    .optional()
    .openapi({
      type: 'string',
      description:
        "The e-mail address of whose calendar the appointment is in, percent-encoded, if that is not the caller's own.",
    }),
})

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Every route of the web calendar service that a program asks, as OpenAPI describes it. */
export const routes = {
  bootstrap: createRoute({
    method: 'get',
    path: paths.bootstrap,
    summary: 'What the add-in must know to sign a person in',
    responses: { 200: json(bootstrap, 'Where and as what to sign in'), ...refusals },
  }),
  putMeeting: createRoute({
    method: 'put',
    path: paths.meeting,
    summary: 'Give an appointment its Zoom meeting, or make the one it has true again',
    description:
      'Idempotent: the same key twice, also at once, is one Zoom meeting. A ticket as bearer changes the one meeting it is for, and makes none.',
    security: [{ bearer: [] }],
    request: {
      params: meetingKey,
      headers: forWhom,
      body: body(appointment),
    },
    responses: { 200: json(meeting, 'The meeting, as it is now'), ...refusals },
  }),
  removeMeeting: createRoute({
    method: 'delete',
    path: paths.meeting,
    summary: "Remove an appointment's Zoom meeting",
    description: 'Idempotent: a meeting that is gone already is removed. A ticket does not remove one.',
    security: [{ bearer: [] }],
    request: { params: meetingKey, headers: forWhom },
    responses: { 204: { description: 'There is no such meeting any more' }, ...refusals },
  }),
  exchangeSession: createRoute({
    method: 'post',
    path: paths.exchangeSession,
    summary: 'Exchange the identity token of a mailbox on an Exchange server for a session',
    description:
      'The only place where such a token is accepted. `link_required`: nobody has said yet whose Zoom account the mailbox schedules with; sign in to Zoom, and ask again with `link`.',
    request: { body: body(sessionRequest) },
    responses: { 200: json(session, 'The session'), ...refusals },
  }),
  beginZoomLogin: createRoute({
    method: 'get',
    path: paths.zoomLogin,
    summary: 'Begin a sign-in to Zoom, in an Office dialog',
    request: { query: z.object({ challenge: z.string().regex(new RegExp(secretPattern)) }) },
    responses: toDialog,
  }),
  finishZoomLogin: createRoute({
    method: 'get',
    path: paths.zoomLoginCallback,
    summary: 'Where Zoom sends the browser back to',
    request: {
      query: z.object({
        state: z.string().max(256).optional(),
        code: z.string().max(2048).optional(),
        error: z.string().max(256).optional(),
      }),
    },
    responses: toDialog,
  }),
  putZoomAccount: createRoute({
    method: 'put',
    path: paths.zoomAccount,
    summary: 'Schedule with the Zoom account that the caller has signed in to',
    security: [{ bearer: [] }],
    request: { body: body(zoomLogin) },
    responses: { 200: json(me, 'Who is asking, from now on with that Zoom account'), ...refusals },
  }),
  me: createRoute({
    method: 'get',
    path: paths.me,
    summary: 'Who is asking',
    security: [{ bearer: [] }],
    responses: { 200: json(me, 'As far as the proof says'), ...refusals },
  }),
  disconnect: createRoute({
    method: 'delete',
    path: paths.me,
    summary: 'Disconnect: end everything the caller has proved so far, and forget the Zoom account',
    security: [{ bearer: [] }],
    responses: {
      204: { description: 'Sessions, tickets and tokens issued before count no more' },
      ...refusals,
    },
  }),
}
