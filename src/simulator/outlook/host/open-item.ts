import { type Appointment, endedBefore, locationsText } from '../item/appointment.ts'
import type { Notification } from '../item/notifications.ts'
import type { Quirks } from '../quirks.ts'
import { appointments, keep } from '../server.ts'
import { Watched } from '../watched.ts'

/** The body in the form. An add-in can read and change it, also at the cursor. */
export interface Editor {
  text(): string
  selectedText(): string
  set(html: string): void
  insert(html: string): void
}

interface ItemState {
  appointment: Appointment
  notifications: readonly Notification[]
  /** Kept while the form is open. */
  sessionData: Readonly<Record<string, string>>
}

/** The appointment in the form, shared by the person and every runtime of the add-in. */
export class OpenItem extends Watched<ItemState> {
  /** The form sets it. */
  editor: Editor = { text: () => '', selectedText: () => '', set: () => {}, insert: () => {} }

  /** The id that the mailbox had for it when the form was opened. */
  readonly #openedAs: string | null
  readonly #temporaryId = `clientId:${crypto.randomUUID()}`

  constructor(
    appointment: Appointment,
    /** The e-mail address of the calendar's owner. */
    readonly calendar: string,
  ) {
    super({ appointment, notifications: [], sessionData: {} })
    this.#openedAs = appointment.id
  }

  get appointment(): Appointment {
    return this.get().appointment
  }

  set(patch: Partial<Appointment>): void {
    this.change({ appointment: { ...this.appointment, ...patch } })
  }

  /** Saves it in the mailbox, which gives it an id. */
  async save(patch: Partial<Appointment> = {}): Promise<string> {
    const id = this.appointment.id ?? `AAMkADsim${crypto.randomUUID().replaceAll('-', '')}=`
    this.set({ ...patch, id })
    await this.#endOriginal()
    await keep(this.appointment, this.calendar)
    return id
  }

  /** Ends the series that this one continues. */
  async #endOriginal(): Promise<void> {
    const { follows } = this.appointment
    if (!follows) return
    const original = (await appointments(this.calendar)).find(({ id }) => id === follows)
    if (original) await keep(endedBefore(original, this.appointment), this.calendar)
    this.set({ follows: null })
  }

  /** The id that the add-in gets; null: the item is not saved. */
  idFor(ids: Quirks['ids']): string | null {
    const { id } = this.appointment
    if (ids === 'stable' || this.#openedAs !== null) return id
    return ids === 'late' ? '' : id && this.#temporaryId
  }

  get location(): string {
    return locationsText(this.appointment.locations)
  }
}
