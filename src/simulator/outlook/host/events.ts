import { type Appointment, first } from '../item/appointment.ts'

/** An event of the item: it goes to every runtime that registered, and to the add-in's launch events. */
export interface ItemEvent {
  /** The name by which Office.js registers. */
  name: string
  /** The launch event for the same change; empty: none. */
  launch: string
  /** The part of the appointment whose change raises it. */
  of(appointment: Appointment): unknown
  /** The handler's argument, in the host's form. */
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
    // JSON in JSON: Office.js parses it twice.
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

/** The events that a change raises. */
export function eventsOf(now: Appointment, before: Appointment): ItemEvent[] {
  return itemEvents.filter(({ of }) => JSON.stringify(of(now)) !== JSON.stringify(of(before)))
}

/** A location in the form of Office.js. */
export function enhanced({ id, type, displayName }: Appointment['locations'][number]) {
  const room = type === 'room' ? { emailAddress: id } : {}
  return { locationIdentifier: { id, type }, displayName, ...room }
}
