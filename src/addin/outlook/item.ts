/** What we may ask of an appointment: four of its members give the five facts. Nothing here can name the others. */
export type Readable = Pick<Office.AppointmentCompose, 'subject' | 'start' | 'end'> & {
  /** Absent on phones. */
  recurrence?: Office.Recurrence
  /** Of one occurrence: which series it belongs to. It says nothing else. */
  seriesId?: Office.AppointmentCompose['seriesId']
}

/** What we may write: the invitation above the text, and the link beside the location. Neither is ever read. */
export interface Writable {
  body: Pick<Office.Body, 'prependAsync'>
  /** Absent before Mailbox 1.8: the link is then in the body only. */
  enhancedLocation?: Pick<Office.EnhancedLocation, 'addAsync' | 'removeAsync'>
}

/** Where the note about the meeting is kept. */
export type Linkable = Pick<Office.AppointmentCompose, 'loadCustomPropertiesAsync'> & {
  seriesId?: Readable['seriesId']
  /** Absent before Mailbox 1.8. */
  getItemIdAsync?: Office.AppointmentCompose['getItemIdAsync']
}

/** Where a line is shown above the appointment; absent on phones. */
export interface Notifiable {
  notificationMessages?: Pick<Office.NotificationMessages, 'replaceAsync' | 'addAsync' | 'getAllAsync'>
}

/** Where it is said in whose calendar the appointment is. */
export interface Shareable {
  /** Only there in a calendar that is not the person's own. */
  getSharedPropertiesAsync?: Office.AppointmentCompose['getSharedPropertiesAsync']
}

export type Item = Readable & Writable & Linkable & Notifiable & Shareable

/** The appointment being written. */
export function openItem(): Item {
  return Office.context.mailbox.item as unknown as Item
}
