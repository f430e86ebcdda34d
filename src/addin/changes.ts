/** The add-in's pages tell each other here that the open appointment's meeting may have changed. */
const name = 'zoom meeting'

const channel = new BroadcastChannel(name)

export function announceChange(): void {
  channel.postMessage(null)
}

/** Calls `act` when another page, or another part of this one, announces a change. Returns the function that stops it. */
export function onChange(act: () => void): () => void {
  const others = new BroadcastChannel(name)
  others.addEventListener('message', act)
  return () => others.close()
}
