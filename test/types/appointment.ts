// Compiled, never run: each line marked @ts-expect-error must not compile, the others must.
import { Appointment } from '../../src/contract/appointment.ts'

declare function schedule(appointment: Appointment): void
declare const genuine: Appointment

schedule(genuine)
schedule(Appointment.from({ subject: 'Quarterly review' }))

const lookAlike = {
  subject: 'Quarterly review',
  start: '2030-12-03T09:00:00Z',
  minutes: 30,
  timeZone: 'UTC',
  recurring: false,
  equals: () => true,
} as const

// @ts-expect-error: a literal with the right keys is no appointment
schedule(lookAlike)
// @ts-expect-error: nor is one with attendees
schedule({ ...lookAlike, attendees: ['bob@fabrikam.example'] })
// @ts-expect-error: nor a genuine one with attendees added
schedule({ ...genuine, attendees: ['bob@fabrikam.example'] })
// @ts-expect-error: nor a copy of a genuine one
schedule({ ...genuine })
// @ts-expect-error: it cannot be extended
class Wider extends Appointment {
  attendees: string[] = []
}
// @ts-expect-error: it cannot be made without being checked
new Appointment(lookAlike)
// @ts-expect-error: a fact cannot be changed
genuine.subject = 'Other'
// @ts-expect-error: there is no sixth fact
genuine.attendees

export { Wider }
