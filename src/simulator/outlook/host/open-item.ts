import { type Appointment, locationsText } from '../item/appointment.ts'
import type { Notification } from '../item/notifications.ts'
import { keep } from '../server.ts'
import { Watched } from '../watched.ts'

/** The body while it is being written: what an add-in can do to it, where the cursor counts. */
export interface Editor {
  text(): string
  selectedText(): string
  set(html: string): void
  insert(html: string): void
}

interface ItemState {
  appointment: Appointment
  notifications: readonly Notification[]
  /** Lives as long as the form is open. */
  sessionData: Readonly<Record<string, string>>
}

/** The appointment in the form. The person and every runtime of the add-in see and change the same one. */
export class OpenItem extends Watched<ItemState> {
  /** The form puts its own in place. */
  editor: Editor = { text: () => '', selectedText: () => '', set: () => {}, insert: () => {} }

  constructor(appointment: Appointment) {
    super({ appointment, notifications: [], sessionData: {} })
  }

  get appointment(): Appointment {
    return this.get().appointment
  }

  set(patch: Partial<Appointment>): void {
    this.change({ appointment: { ...this.appointment, ...patch } })
  }

  /** Keeps it in the mailbox; only then it has an id. */
  async save(patch: Partial<Appointment> = {}): Promise<string> {
    const id = this.appointment.id ?? `AAMkADsim${crypto.randomUUID().replaceAll('-', '')}=`
    this.set({ ...patch, id })
    await keep(this.appointment)
    return id
  }

  get location(): string {
    return locationsText(this.appointment.locations)
  }
}
