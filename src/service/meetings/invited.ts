import type { Invited } from '../../contract/invitation.ts'
import { chosenIn } from '../../contract/invitation-template.ts'
import type { Language } from '../../contract/languages.ts'
import type { Caller } from '../caller.ts'
import type { Policies } from '../policies/policies.ts'
import type { Invitations } from '../templates/invitations.ts'
import { dialInOf, type ZoomMeeting } from '../zoom/meeting.ts'

export interface InvitedNeeds {
  invitations: Pick<Invitations, 'of'>
  policies: Pick<Policies, 'of'>
}

/** What the add-in needs for the invitation. `language`: of the person who asks. */
export async function invitedOf(
  { invitations, policies }: InvitedNeeds,
  caller: Caller,
  language: Language,
  made: Promise<ZoomMeeting & { ticket?: string }>,
): Promise<Invited> {
  const mayShow = async (logo: string) => logo !== '' && (await policies.of(caller)).invitationLogo === 'on'
  const [{ ticket, ...zoom }, template] = await Promise.all([
    made,
    // What sends with a ticket writes no invitation.
    caller.ticket ? null : invitations.of(caller),
  ])
  const id = zoom.pmi ?? String(zoom.id)
  const dialIn = template?.lines.dialIn === false ? '' : dialInOf(zoom, language, template?.dialInCountries)
  return {
    id,
    joinUrl: zoom.registration_url ?? zoom.join_url,
    ...(zoom.password && { passcode: zoom.password }),
    ...(dialIn && { dialIn }),
    // What shows a ticket shows nobody the meeting's page.
    ...(zoom.pmi && !caller.ticket && { portalId: String(zoom.id) }),
    ...(template && {
      invitation: chosenIn(template, { id, language, mayLogo: await mayShow(template.logo) }),
    }),
    ...(ticket && { ticket }),
  }
}
