import type { Fault, Faults } from '../kit/faults.ts'
import type { Situations } from '../vendor.ts'
import type { Zoom } from './api.ts'
import { Refusal } from './refusals.ts'

/** Whose mailbox the page opens first. */
const ada = 'ada@contoso.example'

/** What people meet with Zoom. */
export const situations = (
  { portal, marketplace, meetings, endTokens }: Zoom,
  faults: Faults,
): Situations => ({
  'zoom-meetings-deleted': {
    says: 'Every meeting is deleted in Zoom’s web portal',
    begin() {
      for (const { id } of meetings()) portal.deleteMeeting(String(id))
    },
  },
  'zoom-meetings-deleted-for-good': {
    says: 'Every meeting is deleted in Zoom’s web portal, and cannot be recovered',
    begin() {
      for (const { id } of meetings()) portal.deleteForGood(String(id))
    },
  },
  'zoom-meeting-deleted-meanwhile': {
    says: 'The meeting is deleted between reading and changing it',
    begin: () => faults.add(refused('PATCH /v2/meetings', 'unknown meeting')),
  },
  'zoom-user-removed': {
    says: 'Ada Lovelace is removed from Zoom',
    begin: () => void portal.removeUser(ada),
  },
  'zoom-user-added-again': {
    says: 'Ada Lovelace is removed from Zoom and added again, with another id',
    begin() {
      portal.removeUser(ada)
      portal.putUser(ada, {})
    },
  },
  'zoom-user-basic': {
    says: 'Ada Lovelace is downgraded to Basic: she can schedule for no one else',
    begin: () => void portal.putUser(ada, { type: 1 }),
  },
  'zoom-user-without-meetings': {
    says: 'Ada Lovelace loses her licence for meetings',
    begin: () => void portal.putUser(ada, { type: 4 }),
  },
  'zoom-not-the-host': {
    says: 'Zoom refuses to change a meeting: “You are not the meeting host” (3003)',
    begin: () => faults.add({ ...refused('PATCH /v2/meetings', 'not the host'), times: 'always' }),
  },
  'zoom-time-zone-dropped': {
    says: 'Zoom no longer accepts Europe/Berlin',
    begin: () => portal.dropTimeZone('Europe/Berlin'),
  },
  'zoom-waiting-room-locked': {
    says: 'An administrator at Zoom locks the waiting room: it is always on',
    begin: () => portal.lockSettings({ waiting_room: true }),
  },
  'zoom-options-locked': {
    says: 'An administrator at Zoom locks the waiting room, host video and automatic recording for everybody',
    begin: () => portal.lockSettings({ waiting_room: true, host_video: false, auto_recording: 'cloud' }),
  },
  'zoom-few-features': {
    says: 'The Zoom account has no cloud recording, end-to-end encryption, interpretation or AI Companion',
    begin: () =>
      portal.changeSettings({
        recording: { cloud_recording: false },
        meeting_security: { end_to_end_encrypted_meetings: false },
        in_meeting: {
          language_interpretation: { enable: false },
          sign_language_interpretation: { enable: false },
          meeting_summary_with_ai_companion: { enable: false },
          ai_companion_questions: { enable: false },
        },
      }),
  },
  'zoom-profile-gone': {
    says: 'An administrator at Zoom removes every way of signing in but one',
    begin: () =>
      portal.changeSettings({
        authentication: {
          authentication_options: [
            {
              id: 'signIn_D8cJuqWVQ623CI4Q8yQK0Q',
              name: 'Sign in to Zoom',
              type: 'enforce_login',
              visible: true,
            },
          ],
        },
      }),
  },
  'zoom-day-full': {
    says: 'The host has reached the day’s limit, and Zoom sends no headers',
    begin() {
      for (const call of ['POST /v2/users', 'PATCH /v2/meetings'])
        faults.add({ ...refused(call, 'too many today', '100'), times: 'always' })
    },
  },
  'zoom-token-ended': {
    says: 'Zoom is busy twice, then its access token has ended',
    begin() {
      faults.add({ ...refused('POST /v2/users', 'too fast'), times: 2 })
      faults.add(refused('POST /v2/users', 'bad token'))
      endTokens()
    },
  },
  'zoom-app-removed': {
    says: 'Ada Lovelace removes the app that she has connected from her Zoom account',
    begin: () => void marketplace.uninstall(ada),
  },
  'zoom-app-lowered': {
    says: 'The app that people connect their own Zoom account with may only read who they are',
    begin: () => marketplace.allow(['user:read:user']),
  },
  'zoom-sign-in-down': {
    says: 'Zoom’s token endpoint is down',
    begin: () => faults.add({ vendor: 'zoom', match: 'POST /oauth/token', status: 503, times: 'always' }),
  },
  'zoom-unknown-path': {
    says: 'Zoom does not recognize the call (2300)',
    begin: () => faults.add(refused('POST /v2/users', 'unknown path')),
  },
})

/** The fault by which Zoom answers a call with one of its errors. */
function refused(match: string, row: ConstructorParameters<typeof Refusal>[0], about = ''): Fault {
  const { status, body } = new Refusal(row, { about })
  return { vendor: 'zoom', match, status, body }
}
