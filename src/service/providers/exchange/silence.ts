import { Problem } from '../../../contract/problems.ts'

/** Calls without an answer, one after another, after which a server counts as silent. */
const enough = 5
/** Milliseconds after which one more call to a silent server is made. */
const pause = 10_000

/**
 * Servers that take calls and do not answer. Each call to one would hold up others for as long as it may take, also those of
 * mailboxes on other servers. So a silent server gets one call at a time, until it answers.
 */
export function silentServers() {
  /** By their addresses. `askAt`: in ms of `performance.now()`. */
  const silent = new Map<string, { calls: number; askAt: number }>()

  return {
    /** Before a call. Throws `calendar_unreachable`. */
    require(url: string): void {
      const one = silent.get(url)
      if (!one || one.calls < enough) return
      if (performance.now() < one.askAt) throw new Problem('calendar_unreachable')
      one.askAt = performance.now() + pause
    },

    /** A call had no answer in its time. */
    add(url: string): void {
      const calls = (silent.get(url)?.calls ?? 0) + 1
      silent.set(url, { calls, askAt: performance.now() + pause })
    },

    /** It has answered. */
    forget: (url: string): void => void silent.delete(url),
  }
}
