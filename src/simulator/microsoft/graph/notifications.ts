import type { Post } from '../../vendor.ts'

/** One item of the `value` of a notification. */
export type Item = Readonly<Record<string, unknown>>

/** ms for an answer. Source: Microsoft Graph, "Receive change notifications through webhooks". */
const deadline = 10_000
/** Graph tries again for four hours. Its intervals are not published. */
const patience = 4 * 3_600_000
const firstPause = 500
const longestPause = 60_000

/** Sends notifications, and sends them again until the receiver answers 2xx. */
export function createSender(post: Post, now: () => number) {
  const timers = new Set<NodeJS.Timeout>()

  function later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      work()
    }, ms)
    timers.add(timer.unref())
  }

  async function attempt(url: string, items: readonly Item[], since: number, pause: number): Promise<void> {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const body = JSON.stringify({ value: items })
    const status = await post(url, { body, headers, deadline }).then(
      (answer) => answer.status,
      () => 0,
    )
    if ((status >= 200 && status < 300) || now() - since > patience) return
    later(pause, () => void attempt(url, items, since, Math.min(2 * pause, longestPause)))
  }

  return {
    /** Sends these items in one request. */
    send: (url: string, items: readonly Item[]) => void attempt(url, items, now(), firstPause),
    later,
    /** Forgets what was not delivered. */
    reset() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}
