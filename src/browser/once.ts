/** Shares one run of `act` among all who ask while it lasts. */
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

/** Runs `act` until it has succeeded once, and answers that from then on. */
export function once<Result>(act: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined
  return () => {
    done ??= act().catch((error) => {
      done = undefined
      throw error
    })
    return done
  }
}
