import { html } from 'hono/html'
import type { Meeting } from './state.ts'
import { stamp } from './time-zones.ts'

/** What a join link opens: no call, but which meeting it is. */
export function joinPage(id: string, meeting: Meeting | undefined, passcode: string | undefined) {
  const opens = meeting && (!meeting.password || passcode === meeting.secrets.link)
  const title = meeting ? (opens ? meeting.topic : 'This link lacks the passcode') : 'No such meeting'
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
  p:last-of-type { color: #595959 }
</style>
<h1>${title}</h1>
<p>Meeting ${id}${meeting && opens ? `, hosted by ${meeting.host.display_name}` : ''}.</p>
${meeting && opens ? html`<p>${time(meeting)}</p>` : ''}
<p>This is a stand-in for Zoom on your own machine: nobody meets here.</p>
</html>`
}

function time({ startsAt, duration, timezone }: Meeting): string {
  if (startsAt === undefined) return 'At no fixed time: the link opens whenever the host starts.'
  return `${stamp(startsAt)} for ${duration} minutes, shown in ${timezone}.`
}
