/** A map that keeps the `most` entries that were used last. */
export function lastUsed<Value>(most: number) {
  const entries = new Map<string, Value>()
  let last: string | undefined
  function set(key: string, value: Value): void {
    if (key !== last) entries.delete(key)
    entries.set(key, value)
    last = key
    if (entries.size > most) entries.delete(entries.keys().next().value as string)
  }
  return {
    set,
    delete: (key: string) => entries.delete(key),
    entries: () => [...entries],
    get(key: string): Value | undefined {
      const value = entries.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
  }
}
