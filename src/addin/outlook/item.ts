/** What the add-in may read of an appointment. These members give the five facts; this type has no others. */
export type Readable = Pick<Office.AppointmentCompose, 'subject' | 'start' | 'end'> & {
  /** Absent on phones. */
  recurrence?: Office.Recurrence
  /** Only on one occurrence: the id of its series. Null: no occurrence. Undefined: Outlook did not tell. */
  seriesId?: Office.AppointmentCompose['seriesId']
}

/** What the add-in may write: the invitation at the top of the text, and the join link among the locations. It reads neither. */
export interface Writable {
  body: Pick<Office.Body, 'prependAsync'>
  /** Absent before Mailbox 1.8: the join link is then in the text only. */
  enhancedLocation?: Pick<Office.EnhancedLocation, 'addAsync' | 'removeAsync'>
}

/** Where the note about the meeting is stored. */
export type Linkable = Pick<Office.AppointmentCompose, 'loadCustomPropertiesAsync'> & {
  seriesId?: Readable['seriesId']
  /** Absent before Mailbox 1.8. */
  getItemIdAsync?: Office.AppointmentCompose['getItemIdAsync']
}

/** The notification messages above the appointment; absent on phones. */
export interface Notifiable {
  notificationMessages?: Pick<Office.NotificationMessages, 'replaceAsync' | 'addAsync' | 'getAllAsync'>
}

/** What tells whose calendar the appointment is in. */
export interface Shareable {
  /** Present only in another person's calendar. */
  getSharedPropertiesAsync?: Office.AppointmentCompose['getSharedPropertiesAsync']
}

export type Item = Readable & Writable & Linkable & Notifiable & Shareable

/** The appointment that the person is editing. */
export function openItem(): Item {
  return Office.context.mailbox.item as unknown as Item
}
