/** An immutable value with followers: each change calls them with the new and the last value. */
export class Watched<T extends object> {
  #value: T
  readonly #followers = new Set<(now: T, before: T) => void>()

  constructor(value: T) {
    this.#value = value
  }

  readonly get = (): T => this.#value

  change(patch: Partial<T>): void {
    const before = this.#value
    this.#value = { ...before, ...patch }
    for (const follower of this.#followers) follower(this.#value, before)
  }

  /** Returns a function that stops it. */
  readonly follow = (follower: (now: T, before: T) => void): (() => void) => {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }
}
