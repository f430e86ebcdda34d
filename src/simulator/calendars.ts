import { mailboxes } from './people.ts'

/** A saved appointment. `appointment` is what the page or a test saved: any JSON object with its id. */
export interface Kept {
  /** E-mail address of the calendar's owner. */
  owner: string
  appointment: { id: string } & Record<string, unknown>
  /** Grows with every change in any calendar, so it also tells which of two changes is later. */
  version: number
  /** ms since 1970. */
  createdAt: number
  changedAt: number
}

/** `kept`: as it is now, or as it was when it was deleted. `before`: as it was before it was changed. */
export interface Change {
  what: 'created' | 'updated' | 'deleted'
  kept: Kept
  before?: Kept
}

/** Where a mailbox is: in Exchange Online, or on a server of the organisation. */
export type Home = 'online' | 'server'

/** The calendar of an appointment that names none. */
const usual = mailboxes['exchange-online'].emailAddress

/** The calendars of every mailbox. The page and the tests change them; Graph shows them. */
export class Calendars {
  readonly #kept = new Map<string, Kept>()
  /** The ids in each calendar. */
  readonly #ids = new Map<string, Set<string>>()
  readonly #followers = new Set<(change: Change) => void>()
  readonly #movers = new Set<(owner: string, to: Home) => void>()
  #version = 0
  /** ms since 1970. */
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Those of one calendar, or all. */
  all(owner?: string): Kept[] {
    if (owner === undefined) return [...this.#kept.values()]
    return [...(this.#ids.get(owner) ?? [])].flatMap((id) => this.#kept.get(id) ?? [])
  }

  get(id: string): Kept | undefined {
    return this.#kept.get(id)
  }

  /** The last change's number. */
  version(): number {
    return this.#version
  }

  /** Saves an appointment. One that exists stays in its calendar unless another one is named. */
  put(appointment: Kept['appointment'], owner?: string): Kept {
    const before = this.#kept.get(appointment.id)
    const changedAt = this.#now()
    const kept = {
      owner: owner ?? before?.owner ?? usual,
      appointment,
      version: ++this.#version,
      createdAt: before?.createdAt ?? changedAt,
      changedAt,
    }
    // Another mailbox gives it another identity: there it is new, and here it is gone.
    if (before && before.owner !== kept.owner) this.#remove(before)
    this.#kept.set(appointment.id, kept)
    this.#ids.set(kept.owner, (this.#ids.get(kept.owner) ?? new Set()).add(appointment.id))
    const stays = before?.owner === kept.owner
    this.#tell(stays ? { what: 'updated', kept, before } : { what: 'created', kept })
    return kept
  }

  /** Deletes an appointment; with a series, its changed occurrences. False: there is none. */
  delete(id: string): boolean {
    const gone = this.#kept.get(id)
    if (!gone) return false
    const changed = this.all(gone.owner).filter(({ appointment }) => appointment.seriesId === id)
    for (const kept of [...changed, gone]) this.#remove(kept)
    this.#cancelInSeries(gone.appointment)
    return true
  }

  #remove(gone: Kept): void {
    this.#kept.delete(gone.appointment.id)
    this.#ids.get(gone.owner)?.delete(gone.appointment.id)
    this.#tell({ what: 'deleted', kept: { ...gone, version: ++this.#version, changedAt: this.#now() } })
  }

  /** The series of a deleted occurrence does not get it back. */
  #cancelInSeries({ seriesId, originalStart }: Kept['appointment']): void {
    const series = this.#kept.get(String(seriesId))?.appointment
    if (!series || originalStart === undefined) return
    const before = Array.isArray(series.cancelledStarts) ? series.cancelledStarts : []
    this.put({ ...series, cancelledStarts: [...before, originalStart] })
  }

  /** Calls `follower` for every later change. Returns a function that stops it. */
  follow(follower: (change: Change) => void): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  /** Another mailbox, without these, takes the place of this owner's. No follower hears of it. What it lacks. */
  replace(owner: string, lacks: (appointment: Kept['appointment']) => boolean = () => true): Kept[] {
    const lost = this.all(owner).filter(({ appointment }) => lacks(appointment))
    for (const { appointment } of lost) {
      this.#kept.delete(appointment.id)
      this.#ids.get(owner)?.delete(appointment.id)
    }
    return lost
  }

  /** The mailbox before is there again, with these. No follower hears of it. */
  restore(all: readonly Kept[]): void {
    for (const kept of all) {
      this.#kept.set(kept.appointment.id, kept)
      this.#ids.set(kept.owner, (this.#ids.get(kept.owner) ?? new Set()).add(kept.appointment.id))
    }
  }

  /** The mailbox of this owner moves. */
  move(owner: string, to: Home): void {
    for (const mover of this.#movers) mover(owner, to)
  }

  /** Calls `mover` for every mailbox that moves. */
  followMoves(mover: (owner: string, to: Home) => void): void {
    this.#movers.add(mover)
  }

  /** Forgets every appointment without a word to followers. */
  clear(): void {
    this.#kept.clear()
    this.#ids.clear()
  }

  #tell(change: Change): void {
    for (const follower of this.#followers) follower(change)
  }
}
