import { createClient } from '../browser/client.ts'
import type { Prove } from '../browser/proof.ts'
import type { Appointment } from '../contract/appointment.ts'
import {
  type Bootstrap,
  bootstrapFrom,
  type Login,
  type Me,
  meFrom,
  type Session,
  type SessionRequest,
  sessionFrom,
} from '../contract/identity.ts'
import { type Invited, invitedFrom } from '../contract/invitation.ts'
import type { Options } from '../contract/meeting-options.ts'
import { isOwnCalendar, ownCalendarHeader, ownerHeader } from '../contract/owner.ts'
import { meetingInvitationPath, meetingPath, paths } from '../contract/paths.ts'
import { Problem } from '../contract/problems.ts'
import { preferUndo, undoHeader } from '../contract/undo.ts'
import { noteSent } from './sent.ts'
import { language } from './texts/i18n.ts'

export type Service = ReturnType<typeof createService>

/** What the person wants of a meeting beside the facts. */
export interface Wishes {
  /** Of a meeting that is created. */
  options?: Options | undefined
  /** By which Zoom may give back a meeting that was removed. */
  undo?: string | undefined
}

/** The web calendar service as the add-in uses it. Every request throws a `Problem` if it fails. */
export function createService(origin: string, prove: Prove) {
  const { send, sendProven } = createClient(origin, prove, () => language.get())
  return {
    /** For the parts that only one page has. */
    sendProven,

    /** Gets a proof before the first request needs it. */
    signIn: () => prove({}),

    /** What the add-in needs to know to sign people in. */
    bootstrap: async (): Promise<Bootstrap> => bootstrapFrom(await send('GET', paths.bootstrap)),

    /**
     * Creates or updates the meeting for this key. `owner`: whose calendar it is, if not the person's own. `isOwn`: it is
     * certainly the calendar of the person who has signed in.
     */
    put: async (
      key: string,
      appointment: Appointment,
      owner?: string,
      isOwn = false,
      { options, undo }: Wishes = {},
    ): Promise<Invited> => {
      const own = isOwn && !owner ? { [ownCalendarHeader]: isOwnCalendar } : {}
      const headers = { ...scheduleFor(owner), ...own, ...(undo && { [undoHeader]: undo }) }
      const body = options ? { ...appointment, options } : appointment
      const sent = (url: string, body: string) => noteSent({ url, body, owner })
      return invitedFrom(await sendProven('PUT', meetingPath(key), { body, headers, sent }))
    },

    /** Reads the meeting of a series from Zoom. */
    look: (key: string, owner?: string) =>
      sendProven('GET', meetingInvitationPath(key), { headers: scheduleFor(owner) }).catch(
        (error: Problem) => {
          throw error.code === 'meeting_gone' ? new Problem('series_meeting_gone', {}, error) : error
        },
      ),

    /** Deletes the meeting at Zoom. Succeeds also if Zoom no longer has it. The answer is that of `removedFrom`. */
    remove: (key: string, owner?: string) =>
      sendProven('DELETE', meetingPath(key), { headers: { ...scheduleFor(owner), ...preferUndo } }),

    /** Exchanges an Exchange identity token for a session. Throws `link_required` until a Zoom user is connected. */
    async openSession(token: string, login?: Login): Promise<Session> {
      const body: SessionRequest = { token, ...(login && { link: login }) }
      return sessionFrom(await send('POST', paths.exchangeSession, { body }))
    },

    /** Connects the person with the Zoom user that they have signed in as. */
    connectZoom: (login: Login) => sendProven('PUT', paths.zoomAccount, { body: login }),

    /** Who the person is to the service, and what their organisation has decided. */
    me: async (): Promise<Me> => meFrom(await sendProven('GET', paths.me)),

    /** Revokes all sessions and tickets of the person and forgets their Zoom user. */
    disconnect: () => sendProven('DELETE', paths.me),
  }
}

/** Whose calendar it is, if not the person's own. */
export function scheduleFor(owner: string | undefined): Record<string, string> {
  return owner ? { [ownerHeader]: encodeURIComponent(owner) } : {}
}
