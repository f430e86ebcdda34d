/// <reference types="vite/types/importMeta.d.ts" />
import type { createClient } from '../../browser/client.ts'
import { Appointment } from '../../contract/appointment.ts'
import {
  type Invited,
  invitationLabels,
  invitationOf,
  invitedFrom,
  type Labels,
  textOf,
} from '../../contract/invitation.ts'
import type { Language } from '../../contract/languages.ts'
import { keyPattern, meetingInvitationPath, meetingPath } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import { codes, Failure, type Request } from './rpc.ts'

type Client = Pick<ReturnType<typeof createClient>, 'sendProven'>

/** What an invitation calls its lines. English is in the code. */
const files = import.meta.glob<Labels>('../../languages/pages/*.json', { import: 'invitation' })

/** What a plug-in can ask for. Each act can be repeated: the same key is the same meeting. */
export function createActs({ sendProven }: Client, language: Language = 'en') {
  const direction = language === 'ar' ? 'rtl' : 'ltr'

  /** What a plug-in writes into the appointment. The ticket of the meeting stays here. */
  async function resultOf(meeting: Invited) {
    const { id, joinUrl, passcode } = meeting
    const labels = (await files[`../../languages/pages/${language}.json`]?.()) ?? invitationLabels
    const invitation = textOf(invitationOf(meeting, { labels, name: undefined, direction }))
    return { id, joinUrl, ...(passcode && { passcode }), invitation }
  }

  const put = async ({ key, appointment }: Scheduling) =>
    resultOf(invitedFrom(await sendProven('PUT', meetingPath(key), { body: appointment })))
  const look = async (key: string) => invitedFrom(await sendProven('GET', meetingInvitationPath(key)))

  const acts: Record<string, (params: unknown) => Promise<unknown>> = {
    /** Creates the meeting of this key, or updates it. */
    schedule: async (params) => put(schedulingFrom(params)),

    /** Updates the meeting. Creates none: what somebody has removed elsewhere stays removed. */
    async update(params) {
      const scheduling = schedulingFrom(params)
      await look(scheduling.key)
      return put(scheduling)
    },

    /** Deletes the meeting at Zoom. Succeeds also if there is none. */
    async remove(params) {
      await sendProven('DELETE', meetingPath(keyFrom(params)))
      return {}
    },

    /** The meeting as Zoom has it. */
    state: async (params) => resultOf(await look(keyFrom(params))),
  }

  return ({ method, params }: Request): Promise<unknown> => {
    const act = Object.hasOwn(acts, method) ? acts[method] : undefined
    if (!act) throw new Failure(codes.method, 'There is no such method.')
    return act(params)
  }
}

interface Scheduling {
  key: string
  appointment: Appointment
}

function schedulingFrom(params: unknown): Scheduling {
  const { key, appointment } = fieldsOf(params, ['key', 'appointment'])
  return { key: checked(key), appointment: Appointment.from(appointment) }
}

const keyFrom = (params: unknown) => checked(fieldsOf(params, ['key']).key)

function checked(key: unknown): string {
  if (typeof key === 'string' && new RegExp(keyPattern).test(key)) return key
  throw new Problem('invalid_request', { field: 'key', why: 'has the wrong form' })
}

function fieldsOf(params: unknown, names: readonly string[]): Record<string, unknown> {
  const fields = typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {}
  const unknown = Object.keys(fields).some((name) => !names.includes(name))
  if (unknown || Array.isArray(params))
    throw new Problem('invalid_request', { field: 'params', why: `are ${names.join(' and ')}` })
  return fields
}
