import type { Post } from '../../vendor.ts'

/** One item of the `value` of a notification. */
export type Item = Readonly<Record<string, unknown>>

/** How notifications go wrong from now on. */
export interface Delivery {
  /** ms that each waits. */
  delay: number
  /** How often each is sent. */
  copies: number
  /** Each is lost for good. */
  drop: boolean
  /** Of two, the later one is sent first. One that stays alone is sent after two seconds. */
  reorder: boolean
  /** After a deletion, another `updated` of the same event follows. */
  afterDeletion: boolean
}

const usual: Delivery = { delay: 0, copies: 1, drop: false, reorder: false, afterDeletion: false }

/** ms for an answer. Source: Microsoft Graph, "Receive change notifications through webhooks". */
const deadline = 10_000
/** Graph tries again for four hours. Its intervals are not published. */
const patience = 4 * 3_600_000
const firstPause = 500
const longestPause = 60_000
/**
 * A receiver of which more than a tenth of the answers of ten minutes are late gets its notifications ten seconds later.
 * With more than 15 %, notifications are lost. Source: the same page. Its smallest number of answers is not published.
 */
const judged = { period: 600_000, fewest: 100, slow: 0.1, drop: 0.15, delay: 10_000 }

/** Sends notifications, and sends them again until the receiver answers 2xx. */
export function createSender(post: Post, now: () => number) {
  const timers = new Set<NodeJS.Timeout>()
  let answers: { at: number; late: boolean }[] = []
  let delivery = usual
  let forced: 'slow' | 'drop' | undefined
  let first: (() => void) | undefined
  let resets = 0

  function later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      work()
    }, ms)
    timers.add(timer.unref())
  }

  /** How Graph treats the receiver, by the answers of the last ten minutes. */
  function state(): 'usual' | 'slow' | 'drop' {
    if (forced) return forced
    answers = answers.filter(({ at }) => at > now() - judged.period)
    const late = answers.filter((one) => one.late).length / answers.length
    if (answers.length < judged.fewest) return 'usual'
    return late > judged.drop ? 'drop' : late > judged.slow ? 'slow' : 'usual'
  }

  async function attempt(url: string, items: readonly Item[], since: number, pause: number): Promise<void> {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    const body = JSON.stringify({ value: items })
    const [began, generation] = [now(), resets]
    const status = await post(url, { body, headers, deadline }).then(
      (answer) => answer.status,
      () => 0,
    )
    if (generation !== resets) return
    answers.push({ at: now(), late: now() - began >= deadline })
    if ((status >= 200 && status < 300) || now() - since > patience) return
    later(pause, () => void attempt(url, items, since, Math.min(2 * pause, longestPause)))
  }

  function send(url: string, items: readonly Item[]): void {
    const how = state()
    if (delivery.drop || how === 'drop') return
    const begin = () => void attempt(url, items, now(), firstPause)
    for (let copy = 0; copy < delivery.copies; copy++) {
      const ms = delivery.delay + (how === 'slow' ? judged.delay : 0)
      if (ms > 0) later(ms, begin)
      else inOrder(begin)
    }
  }

  /** Sends at once, or after the next one. */
  function inOrder(begin: () => void): void {
    if (!delivery.reorder) {
      begin()
    } else if (first) {
      const earlier = first
      first = undefined
      begin()
      later(100, earlier)
    } else {
      first = begin
      later(2000, () => {
        if (first !== begin) return
        first = undefined
        begin()
      })
    }
  }

  return {
    /** Sends these items in one request. */
    send,
    /** Changes how notifications go wrong. */
    deliver(change: Partial<Delivery>) {
      delivery = { ...delivery, ...change }
    },
    delivery: () => delivery,
    state,
    /** Treats the receiver as one that answers late. */
    force(to: 'slow' | 'drop') {
      forced = to
    },
    /** Forgets what was not delivered. */
    reset() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      resets++
      answers = []
      delivery = usual
      forced = undefined
      first = undefined
    },
  }
}
