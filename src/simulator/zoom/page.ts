import { html } from 'hono/html'
import { page } from '../kit/page.ts'
import { brand } from './brand.ts'
import type { Meeting } from './state.ts'
import { stamp } from './time-zones.ts'

/** The page of a join link: it shows the meeting instead of joining a call. */
export function joinPage(id: string, meeting: Meeting | undefined, passcode: string | undefined) {
  const opens = meeting && (!meeting.password || passcode === meeting.secrets.link)
  const title = meeting ? (opens ? meeting.topic : 'This link lacks the passcode') : 'No such meeting'
  const body = html`
  <p>Meeting ${id}${meeting && opens ? `, hosted by ${meeting.host.display_name}` : ''}.</p>
  ${meeting && opens ? html`<p>${time(meeting)}</p>` : ''}`
  return page(brand, title, body, 'there is no call to join')
}

function time({ startsAt, duration, timezone }: Meeting): string {
  if (startsAt === undefined) return 'At no fixed time: the link opens whenever the host starts.'
  return `${stamp(startsAt)} for ${duration} minutes, shown in ${timezone}.`
}
