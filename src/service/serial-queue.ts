/** Runs one act at a time for each name, in the order of the calls. */
export function serialQueue() {
  const last = new Map<string, Promise<unknown>>()
  return function inTurn<T>(name: string, act: () => Promise<T>): Promise<T> {
    const turn = (last.get(name) ?? Promise.resolve()).then(act, act)
    last.set(name, turn)
    const leave = () => void (last.get(name) === turn && last.delete(name))
    turn.then(leave, leave)
    return turn
  }
}
