import { type Appointment, first } from '../item/appointment.ts'

/** What an item tells when something of it changes: every runtime that asked, and the add-in's launch events. */
export interface ItemEvent {
  /** As Office.js registers for it. */
  name: string
  /** The launch event of the same change. */
  launch: string
  /** The part of the appointment it is about. */
  of(appointment: Appointment): unknown
  /** What the handler is given, in the host's wrapping. */
  tell(appointment: Appointment): unknown
}

const itemEvents: ItemEvent[] = [
  {
    name: 'olkAppointmentTimeChanged',
    launch: 'OnAppointmentTimeChanged',
    of: ({ start, end }) => [start, end],
    tell: (appointment) => {
      const { start, end } = first(appointment)
      return [JSON.stringify({ start, end })]
    },
  },
  {
    name: 'olkRecurrenceChanged',
    launch: 'OnAppointmentRecurrenceChanged',
    of: ({ recurrence }) => recurrence,
    // JSON within JSON: the client parses it twice.
    tell: ({ recurrence }) => [JSON.stringify({ recurrence: recurrence && JSON.stringify(recurrence) })],
  },
  {
    name: 'olkEnhancedLocationsChanged',
    launch: '',
    of: ({ locations }) => locations,
    tell: ({ locations }) => [JSON.stringify({ enhancedLocations: locations.map(enhanced) })],
  },
  {
    name: 'olkRecipientsChanged',
    launch: 'OnAppointmentAttendeesChanged',
    of: ({ required, optional }) => [required, optional],
    tell: () => [JSON.stringify({ requiredAttendees: true, optionalAttendees: true })],
  },
]

/** The events that a change of the appointment is. */
export function eventsOf(now: Appointment, before: Appointment): ItemEvent[] {
  return itemEvents.filter(({ of }) => JSON.stringify(of(now)) !== JSON.stringify(of(before)))
}

/** A location as Office.js gives it out. */
export function enhanced({ id, type, displayName }: Appointment['locations'][number]) {
  const room = type === 'room' ? { emailAddress: id } : {}
  return { locationIdentifier: { id, type }, displayName, ...room }
}
