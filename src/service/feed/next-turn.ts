/**
 * Runs one act at a time for each name. Who asks while one runs shares the next one with all others who do: it begins after they
 * have asked, so it sees what had changed by then. If the one that runs fails, they fail with it.
 */
export function nextTurn<Result>() {
  const running = new Map<string, Promise<Result>>()
  const next = new Map<string, Promise<Result>>()
  return function inNextTurn(name: string, act: () => Promise<Result>): Promise<Result> {
    const begin = (): Promise<Result> => {
      next.delete(name)
      const turn = act()
      running.set(name, turn)
      const leave = () => void (running.get(name) === turn && running.delete(name))
      turn.then(leave, leave)
      return turn
    }
    const before = running.get(name)
    if (!before) return begin()
    const waiting =
      next.get(name) ??
      before.then(begin, (error) => {
        next.delete(name)
        throw error
      })
    next.set(name, waiting)
    return waiting
  }
}
