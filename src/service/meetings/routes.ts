import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { Appointment, appointmentSchema } from '../../contract/appointment.ts'
import { appointmentDescriptions, described, meetingDescriptions } from '../../contract/descriptions.ts'
import { type Difference, differenceSchema } from '../../contract/difference.ts'
import { type Invited, invitedSchema } from '../../contract/invitation.ts'
import type { Language } from '../../contract/languages.ts'
import {
  type MeetingOptions,
  meetingOptionsSchema,
  type Options,
  optionsFrom,
  optionsSchema,
} from '../../contract/meeting-options.ts'
import { isOwnCalendar, ownCalendarHeader, ownerHeader, ownerPattern } from '../../contract/owner.ts'
import { keyPattern, paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { type ZoomTemplates, zoomTemplatesSchema } from '../../contract/templates.ts'
import { preferUndo, type Removed, removedSchema, undoHeader, undoPattern } from '../../contract/undo.ts'
import type { Caller } from '../caller.ts'
import type { Guards } from '../http/guards.ts'
import { languageIn, saidTo } from '../http/language.ts'
import type { Env } from '../http/middleware.ts'
import {
  type Api,
  answerOf,
  bearer,
  body,
  json,
  rareParameter,
  refusals,
  requestOf,
} from '../http/openapi.ts'
import type { Which } from './exclusively.ts'

/** The facts, and the options of a meeting that is created. */
interface Scheduling {
  appointment: Appointment
  options: Options
}

function schedulingFrom(input: unknown): Scheduling {
  const has = typeof input === 'object' && input !== null && Object.hasOwn(input, 'options')
  if (!has) return { appointment: Appointment.from(input), options: {} }
  const { options, ...facts } = input as { options: unknown }
  return { appointment: Appointment.from(facts), options: optionsFrom(options) }
}

const facts = described(appointmentSchema, appointmentDescriptions) as typeof appointmentSchema
const scheduling = requestOf<Scheduling>('Appointment', schedulingFrom, {
  ...facts,
  properties: {
    ...facts.properties,
    options: {
      ...optionsSchema,
      description:
        'Options of a meeting that is created. One that exists keeps its own. What is missing is as the caller’s defaults say.',
    },
  },
})
const meeting = answerOf<Invited>('Meeting', described(invitedSchema, meetingDescriptions))
const difference = answerOf<Difference>('Difference', differenceSchema)
const removed = answerOf<Removed>('Removed', removedSchema)
const meetingKey = z.object({ key: z.string().regex(new RegExp(keyPattern)) })

const owner = rareParameter('header', ownerHeader, {
  type: 'string',
  description:
    "The percent-encoded e-mail address of the calendar's owner, if the calendar is not the caller's own.",
})
const ownCalendar = rareParameter('header', ownCalendarHeader, {
  type: 'string',
  enum: [isOwnCalendar],
  description:
    "The appointment is in the calendar of the caller's own mailbox. Without it, the meeting is never taken for that of a discarded draft.",
})

const undo = rareParameter('header', undoHeader, {
  type: 'string',
  pattern: undoPattern,
  description:
    'What the removal of this meeting returned. Zoom is asked to recover that meeting, with its link. Otherwise a new one is created.',
})

const prefer = rareParameter('header', 'prefer', {
  type: 'string',
  enum: [preferUndo.prefer],
  description: 'The answer shall have what takes back the removal (RFC 7240).',
})

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const routes = {
  put: createRoute({
    method: 'put',
    path: paths.meeting,
    summary: 'Create or update the Zoom meeting of an appointment',
    description:
      'Idempotent: the same key twice, also at once, is one Zoom meeting. A ticket as bearer updates its own meeting, and creates none.',
    security: bearer,
    parameters: [owner, ownCalendar, undo],
    request: { params: meetingKey, body: body(scheduling) },
    responses: { 200: json(meeting, 'The meeting, as it is now'), ...refusals },
  }),
  difference: createRoute({
    method: 'get',
    path: paths.meeting,
    summary: 'How a meeting differs from its appointment, or may differ',
    description: 'As far as calendar sync knows. Zoom is not asked.',
    security: bearer,
    request: { params: meetingKey },
    responses: {
      200: json(difference, 'The sentence people read, if it differs or may differ'),
      ...refusals,
    },
  }),
  invitation: createRoute({
    method: 'get',
    path: paths.meetingInvitation,
    summary: 'Read all that the invitation to a Zoom meeting says',
    description:
      'As Zoom and the organisation have it now, in the language that the request asks for. Changes nothing: no meeting is created in place of one that is gone, and there is no ticket.',
    security: bearer,
    parameters: [owner],
    request: { params: meetingKey },
    responses: { 200: json(meeting, 'The meeting, and what its organisation has chosen'), ...refusals },
  }),
  remove: createRoute({
    method: 'delete',
    path: paths.meeting,
    summary: "Remove an appointment's Zoom meeting",
    description: 'Idempotent: removing a meeting that no longer exists succeeds. A ticket cannot remove one.',
    security: bearer,
    parameters: [owner, prefer],
    request: { params: meetingKey },
    responses: {
      200: json(
        removed,
        'The meeting is removed. For an hour, `undo` takes that back: only if it was asked for',
      ),
      204: { description: 'There is no such meeting any more' },
      ...refusals,
    },
  }),
}

const meetingOptions = answerOf<MeetingOptions>('MeetingOptions', meetingOptionsSchema)
const zoomTemplates = answerOf<ZoomTemplates>('ZoomTemplates', zoomTemplatesSchema)
const chosen = requestOf('Options', optionsFrom, optionsSchema)

const optionRoutes = {
  ofNew: createRoute({
    method: 'get',
    path: paths.options,
    summary: 'Read the options that a new Zoom meeting can have',
    description:
      'The values are those that a new meeting gets. What the Zoom account does not say, or does not let the service ask, is neither locked nor missing.',
    security: bearer,
    parameters: [owner],
    responses: { 200: json(meetingOptions, 'The options, as the Zoom account allows them now'), ...refusals },
  }),
  read: createRoute({
    method: 'get',
    path: paths.meetingOptions,
    summary: 'Read the options of a Zoom meeting',
    security: bearer,
    parameters: [owner],
    request: { params: meetingKey },
    responses: { 200: json(meetingOptions, 'The options, as Zoom has them now'), ...refusals },
  }),
  zoomTemplates: createRoute({
    method: 'get',
    path: paths.zoomTemplates,
    summary: 'Read the meeting templates that a new Zoom meeting can have',
    security: bearer,
    parameters: [owner],
    responses: { 200: json(zoomTemplates, 'The templates in Zoom, as far as Zoom says'), ...refusals },
  }),
  change: createRoute({
    method: 'patch',
    path: paths.meetingOptions,
    summary: 'Change options of a Zoom meeting',
    description:
      'Only these change. What the answer says is what Zoom has afterwards. What the Zoom account locks or lacks is not read again.',
    security: bearer,
    parameters: [owner],
    request: { params: meetingKey, body: body(chosen) },
    responses: { 200: json(meetingOptions, 'The options, as Zoom has them now'), ...refusals },
  }),
}

/** Which meeting a request is about. */
const whichOf = (c: Context<Env>, { key }: { key: string }): Which => ({ key, owner: ownerIn(c) })

function ownerIn(c: Context<Env>): string | undefined {
  return headerIn(c, ownerHeader, (encoded) => {
    const address = encoded.length <= 1_000 ? decoded(encoded) : undefined
    return address && new RegExp(ownerPattern, 'u').test(address) ? address : undefined
  })
}

/** The same, whether its appointment is certainly in the caller's own calendar, and what takes back its removal. */
function whichAndWhere(c: Context<Env>, key: { key: string }): Which {
  const own = headerIn(c, ownCalendarHeader, (said) => (said === isOwnCalendar ? said : undefined))
  const undo = headerIn(c, undoHeader, (said) => (new RegExp(undoPattern).test(said) ? said : undefined))
  const which = whichOf(c, key)
  return { ...which, undo, isOwn: own !== undefined && which.owner === undefined }
}

/** A header, as `read` reads it. Refuses one that it cannot read. */
function headerIn(c: Context<Env>, field: string, read: (said: string) => string | undefined) {
  const said = c.env.incoming.headers[field]
  if (said === undefined) return undefined
  const value = read(String(said))
  if (value === undefined) throw new Problem('invalid_request', { field, why: 'has the wrong form' })
  return value
}

interface Acts {
  /** `isGone`: whether the connection of the request has ended. */
  put(
    caller: Caller,
    which: Which,
    appointment: Appointment,
    asked: { options: Options; language: Language },
    isGone: () => boolean,
  ): Promise<Invited>
  invitation(caller: Caller, which: Which, language: Language): Promise<Invited>
  remove(caller: Caller, which: Which): Promise<void>
  /** Returns what takes it back, if something does. */
  removeForNow(caller: Caller, which: Which): Promise<string | undefined>
  options(caller: Caller, which: Which): Promise<MeetingOptions>
  optionsOfNew(caller: Caller, owner: string | undefined): Promise<MeetingOptions>
  zoomTemplates(caller: Caller, owner: string | undefined): Promise<ZoomTemplates>
  changeOptions(caller: Caller, which: Which, wanted: Options): Promise<MeetingOptions>
  difference(caller: Caller, key: string): Promise<Difference>
}

/** Creating, updating and removing meetings. */
export function meetingRoutes(api: Api, guards: Guards, acts: Acts): void {
  const { put, remove, options, optionsOfNew, changeOptions, difference } = acts
  // `withProof` only: the statement that takes the meeting's record also checks that the caller has not disconnected.
  api.use('/meetings/:key', guards.scheduling)
  api.openapi(routes.put, async (c) => {
    const isGone = () => c.env.incoming.socket.destroyed
    const { appointment, options } = c.req.valid('json')
    const which = whichAndWhere(c, c.req.valid('param'))
    const asked = { options, language: languageIn(c) }
    return c.json(await put(c.get('caller'), which, appointment, asked, isGone), 200)
  })
  api.openapi(routes.difference, async (c) => {
    const { says, ...rest } = await difference(c.get('caller'), c.req.valid('param').key)
    return c.json({ ...rest, ...(says && { says: saidTo(c, says) }) }, 200)
  })
  api.use('/meetings/:key/invitation', guards.scheduling)
  api.openapi(routes.invitation, async (c) =>
    c.json(await acts.invitation(c.get('caller'), whichOf(c, c.req.valid('param')), languageIn(c)), 200),
  )
  api.openapi(routes.remove, async (c) => {
    const asksForUndo = c.env.incoming.headers.prefer === preferUndo.prefer
    const [caller, which] = [c.get('caller'), whichOf(c, c.req.valid('param'))]
    const undo = asksForUndo ? await acts.removeForNow(caller, which) : await remove(caller, which)
    return undo ? c.json({ undo }, 200) : c.body(null, 204)
  })
  api.use(paths.options, guards.withProof)
  api.openapi(optionRoutes.ofNew, async (c) => c.json(await optionsOfNew(c.get('caller'), ownerIn(c)), 200))
  api.use(paths.zoomTemplates, guards.withProof)
  api.openapi(optionRoutes.zoomTemplates, async (c) =>
    c.json(await acts.zoomTemplates(c.get('caller'), ownerIn(c)), 200),
  )
  api.use('/meetings/:key/options', guards.withProof)
  api.openapi(optionRoutes.read, async (c) =>
    c.json(await options(c.get('caller'), whichOf(c, c.req.valid('param'))), 200),
  )
  api.openapi(optionRoutes.change, async (c) =>
    c.json(await changeOptions(c.get('caller'), whichOf(c, c.req.valid('param')), c.req.valid('json')), 200),
  )
}
