import { html } from 'hono/html'
import { page } from '../kit/page.ts'
import type { Booking } from './bookings.ts'

interface Shown {
  bookings: readonly Booking[]
  now: number
  call: { address: string; topic: string | undefined } | undefined
}

const brand = { name: 'Cisco', accent: '#0a60ff' }
/** How often the page asks what it shows. */
const every = 500

/** What people in the room see: what is booked today, and the button that joins. */
export const devicePage = (shown: Shown) =>
  page(
    brand,
    'Room device',
    html`<div id="panel">${panel(shown)}</div>
<script type="module">
  const place = document.getElementById('panel')
  let last
  setInterval(async () => {
    const text = await fetch('/panel').then((answer) => answer.text()).catch(() => last)
    if (text !== undefined && text !== last) place.innerHTML = text
    last = text
  }, ${every})
</script>`,
    'it takes bookings by xAPI, and dials the simulated Zoom',
  )

/** The part of the page that changes. */
export function panel({ bookings, now, call }: Shown) {
  if (call)
    return html`<p role="status">${call.topic === undefined ? `No answer from ${call.address}` : `In the meeting: ${call.topic}`}</p>
<form method="post" action="/calls/end"><p class="actions"><button>End</button></p></form>`
  if (bookings.length === 0) return html`<p>No meetings are booked.</p>`
  return html`<ul class="accounts" tabindex="0" aria-label="Meetings">${bookings.map((one) => {
    const starts = Date.parse(one.Time.StartTime)
    const canJoin = one.Number !== '' && now >= starts - one.Time.StartTimeBuffer * 1000
    return html`<li><strong>${one.Title}</strong>
<small><time datetime="${one.Time.StartTime}">${new Date(starts).toUTCString().slice(5, 22)} UTC</time>, ${one.Time.Duration} min</small>
${canJoin ? html`<form method="post" action="/calls"><button name="booking" value="${one.Id}">Join ${one.Title}</button></form>` : ''}</li>`
  })}</ul>`
}
