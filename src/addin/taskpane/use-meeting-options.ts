import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import {
  type MeetingOptions,
  type OptionName,
  type Options,
  type OptionValue,
  optionNames,
} from '../../contract/meeting-options.ts'
import type { Problem } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'

/** Zoom makes another join link with these. */
export const linked = ['passcode', 'usePmi', 'approvalType'] as const

/** The options of the meeting, read once they are shown. `renew` puts another join link into the appointment. */
export function useMeetingOptions(addIn: AddIn, renew: () => void) {
  const [found, setFound] = useState<MeetingOptions>()
  /** What the person has chosen and Zoom has not answered yet. */
  const [wanted, setWanted] = useState<Options>({})
  const [problem, setProblem] = useState<Problem>()
  const [news, setNews] = useState<'reading' | 'saving' | 'saved'>('reading')
  const last = useRef<Promise<unknown>>(Promise.resolve())

  const read = useCallback(async () => {
    setNews('reading')
    setProblem(undefined)
    try {
      setFound(await (await addIn.meetingOptions()).read())
    } catch (error) {
      setProblem(asProblem(error))
    }
  }, [addIn])
  useEffect(() => {
    read()
  }, [read])

  /** One after the other, as the person chose them: Zoom changes a meeting once at a time. */
  function change(change: Options): void {
    setWanted((before) => ({ ...before, ...change }))
    setProblem(undefined)
    setNews('saving')
    const act = async () => {
      try {
        const now = await (await addIn.meetingOptions()).change(change)
        setFound((before) => ({ ...before, ...kept(before, now) }))
        if (last.current === turn) setNews('saved')
        if (linked.some((name) => change[name] !== undefined)) renew()
      } catch (error) {
        setProblem(asProblem(error))
      }
      if (last.current === turn) setWanted({})
    }
    const turn = last.current.then(act)
    last.current = turn
  }

  const chosen = (name: OptionName): OptionValue | undefined => wanted[name] ?? found?.[name]?.value
  /** What was said of the last change is about that one only. */
  const quiet = () => setNews('reading')
  return { found, chosen, problem, news: problem ? undefined : news, read, change, quiet }
}

/**
 * The answer to a change does not say what the Zoom account allows. What was read stays. That Zoom decides an option is
 * known once a change of it had no effect, and stays known.
 */
function kept(before: MeetingOptions | undefined, now: MeetingOptions): MeetingOptions {
  const options = optionNames.flatMap((name) => {
    const [option, changed] = [before?.[name], now[name]]
    if (!option || !changed) return []
    const isLocked = option.lockedBy === 'zoom' && changed.value === option.value
    return [[name, isLocked ? option : { ...(option.without && { without: option.without }), ...changed }]]
  })
  return { ...now, ...Object.fromEntries(options) }
}
