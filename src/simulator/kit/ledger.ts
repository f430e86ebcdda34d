/** One call or request of the add-in, as Outlook or the network saw it. */
export type LedgerEntry = HostCall | ServiceRequest

/** A call to Outlook. It is recorded before it is answered, so the add-in can read nothing unrecorded. */
export interface HostCall {
  kind: 'outlook'
  /** The runtime of the add-in that called. */
  runtime: 'task pane' | 'command' | 'launch event' | 'dialog'
  /** The member as Office.js spells it: `subject.getAsync`, `register:AppointmentTimeChanged`, `nestedAppAuth:GetToken`. */
  call: string
  params?: unknown
}

/** A request to the web calendar service. */
export interface ServiceRequest {
  kind: 'service'
  method: string
  path: string
  /** Authorization and cookies appear by name only. */
  headers: Record<string, string>
  body?: unknown
  status?: number
}

export type Recorded = LedgerEntry & { number: number; at: string }

/** Every call and request of the add-in since the last reset, in order. */
export class Ledger {
  readonly #entries: Recorded[] = []
  readonly #readers = new Set<(entry: Recorded) => void>()
  #count = 0

  add(entry: LedgerEntry): Recorded {
    const recorded: Recorded = { ...entry, number: ++this.#count, at: new Date().toISOString() }
    this.#entries.push(recorded)
    this.tell(recorded)
    return recorded
  }

  /** Sends an entry to the readers; again when its status is known. */
  tell(entry: Recorded): void {
    for (const reader of this.#readers) reader(entry)
  }

  entries(): readonly Recorded[] {
    return this.#entries
  }

  clear(): void {
    this.#entries.length = 0
  }

  /** Calls `reader` for every later entry. Returns a function that stops it. */
  follow(reader: (entry: Recorded) => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }
}
