/** While one call runs, further calls share its result, whatever their arguments. */
export function singleFlight<Arguments extends unknown[], Result>(
  act: (...args: Arguments) => Promise<Result>,
) {
  let flight: Promise<Result> | undefined
  return (...args: Arguments): Promise<Result> => {
    flight ??= act(...args).finally(() => {
      flight = undefined
    })
    return flight
  }
}

/** Calls `act` until it succeeds once, then always returns that result. */
export function once<Result>(act: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined
  return () => {
    result ??= act().catch((error) => {
      result = undefined
      throw error
    })
    return result
  }
}
