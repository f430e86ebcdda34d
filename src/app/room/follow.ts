import { exchange, problemOf } from '../../browser/client.ts'
import { endingFrom, endings } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'
import { claimSeconds, pairingFrom, roomPaths, type Shown, shownFrom } from '../../contract/rooms.ts'

/** What the screen is at the moment. Nothing of it is stored. */
export type ScreenState =
  | { is: 'starting' }
  /** `code`: for an administrator to type. Undefined: the service does not answer. */
  | { is: 'pairing'; code: string | undefined; wasRemoved: boolean }
  /** `readAt`: milliseconds since 1970. `failing`: it cannot be read again at the moment. */
  | { is: 'showing'; shown: Shown; readAt: number; failing: boolean }

/** Milliseconds. Without a hint everything is read again after `refresh`: a connection can end unnoticed. */
const pace = { refresh: 2 * 60_000, retry: 5_000, longestRetry: 60_000 }

/**
 * Pairs the screen, and follows what it shows. The screen is known by a cookie that no script can read, so it is the same
 * screen after the device was off.
 */
export function followScreen(language: string, show: (state: ScreenState) => void) {
  const over = new AbortController()
  let state: ScreenState = { is: 'starting' }
  let hints: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let [isReading, readAgain, isPairing, hasNews, failures] = [false, false, false, false, 0]

  function change(next: ScreenState): void {
    if (over.signal.aborted) return
    state = next
    show(next)
  }

  const ask = (method: string, path: string, body?: unknown) =>
    exchange(method, path, { body, headers: { 'accept-language': language } }, async (response) => {
      if (!response.ok) throw await problemOf(response)
      const { status } = response
      const answer: unknown = status === 200 ? await response.json() : undefined
      return { status, answer }
    })

  /** Reads what the screen shows, now or after the read that runs. */
  async function read(): Promise<void> {
    readAgain = true
    if (isReading || isPairing || over.signal.aborted) return
    isReading = true
    clearTimeout(timer)
    while (readAgain && !over.signal.aborted) {
      readAgain = false
      try {
        const path = hasNews ? `${roomPaths.screen}?news` : roomPaths.screen
        hasNews = false
        const { answer } = await ask('GET', path)
        failures = 0
        change({ is: 'showing', shown: shownFrom(answer), readAt: Date.now(), failing: false })
        listen()
      } catch (error) {
        if (isUnpaired(error)) {
          isReading = false
          return void pair()
        }
        failures++
        if (state.is === 'showing') change({ ...state, failing: true })
      }
    }
    isReading = false
    const wait = failures ? Math.min(pace.longestRetry, pace.retry * 2 ** (failures - 1)) : pace.refresh
    if (!over.signal.aborted) timer = setTimeout(read, wait * (0.75 + Math.random() / 2))
  }

  function listen(): void {
    if (hints && hints.readyState !== EventSource.CLOSED) return
    hints = new EventSource(roomPaths.hints)
    hints.addEventListener('changed', () => {
      hasNews = true
      void read()
    })
    hints.addEventListener('ended', ({ data }) => {
      hints?.close()
      // The service stops, and another process goes on.
      const wait = endings[endingFrom(String(data))].forget ? 0 : pace.retry * (0.5 + Math.random())
      setTimeout(read, wait)
    })
  }

  /** Shows codes until an administrator has typed one. */
  async function pair(): Promise<void> {
    hints?.close()
    isPairing = true
    const wasRemoved = state.is === 'showing'
    change({ is: 'pairing', code: undefined, wasRemoved })
    while (!over.signal.aborted) {
      try {
        const { code, secret, seconds } = pairingFrom((await ask('POST', roomPaths.pairings)).answer)
        change({ is: 'pairing', code, wasRemoved })
        if (await isTyped(secret, Date.now() + seconds * 1000)) {
          isPairing = false
          return void read()
        }
      } catch {
        change({ is: 'pairing', code: undefined, wasRemoved })
        await pause(pace.retry)
      }
    }
  }

  /** False: the code has ended. */
  async function isTyped(secret: string, until: number): Promise<boolean> {
    while (Date.now() < until && !over.signal.aborted) {
      await pause(claimSeconds * 1000)
      try {
        if ((await ask('POST', roomPaths.claim, { secret })).status === 204) return true
      } catch (error) {
        // Silence is no answer: the code is still good.
        if (error instanceof Problem && error.code === 'no_such_code') return false
      }
    }
    return false
  }

  const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

  void read()
  return {
    refresh: () => void read(),
    stop() {
      over.abort()
      clearTimeout(timer)
      hints?.close()
    },
  }
}

const isUnpaired = (error: unknown) => error instanceof Problem && error.code === 'screen_not_paired'
