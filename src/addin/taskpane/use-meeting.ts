import { useCallback, useEffect, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Appointment } from '../../contract/appointment.ts'
import type { Options } from '../../contract/meeting-options.ts'
import type { Problem, ProblemCode } from '../../contract/problems.ts'
import { onChange } from '../changes.ts'
import type { AddIn } from '../compose.ts'
import type { LinkNote, Made } from '../outlook/link.ts'
import { released } from './released.ts'

/** What the pane shows of the open appointment's meeting. */
export interface View {
  made: Made | undefined
  /** Identifies the meeting. */
  key: string | undefined
  /** Whose calendar it is in, if not the person's own. */
  owner: string | undefined
  /**
   * `copy`: the meeting belongs to the appointment that this one was copied from. `outdated`: the appointment has
   * changed since. `incomplete`: a part of the invitation is missing. `series`: this is one occurrence, and the meeting
   * belongs to the whole series.
   */
  state: 'none' | 'copy' | 'current' | 'outdated' | 'incomplete' | 'series'
  /** The appointment may be a copy, and Outlook does not tell. */
  doubtful: boolean
}

/** The open appointment's meeting, read again whenever it may have changed. */
export function useMeeting(addIn: AddIn) {
  /** What the person has chosen for a meeting that they add: in memory only. */
  const [chosen, choose] = useState<Options>({})
  const [view, setView] = useState<View>()
  const [problem, setProblem] = useState<Problem>()
  const [working, setWorking] = useState(false)

  const refresh = useCallback(async () => {
    try {
      const { appointment, note, owner } = await addIn.load()
      const { link, doubtful } = note
      await released()
      setView({
        owner,
        made: link?.made,
        key: link?.made && link.key,
        state: stateOf(appointment, note),
        doubtful,
      })
    } catch (error) {
      setProblem(asProblem(error))
    }
  }, [addIn])

  const retry = useCallback(() => {
    setProblem(undefined)
    return refresh()
  }, [refresh])

  async function run(act: () => Promise<unknown>) {
    if (working) return
    setWorking(true)
    setProblem(undefined)
    try {
      await act()
    } catch (error) {
      setProblem(asProblem(error))
    }
    await refresh()
    setWorking(false)
  }

  const addWith = () => addIn.addZoomMeeting(Object.keys(chosen).length > 0 ? chosen : undefined)

  useEffect(() => {
    refresh()
    return whenItMayHaveChanged(refresh)
  }, [refresh])

  return {
    view,
    problem,
    working,
    retry,
    chosen,
    choose,
    add: () => run(view?.state === 'current' ? addIn.checkZoomMeeting : addWith),
    addOwn: () => run(addIn.addOwnZoomMeeting),
    remove: () => run(addIn.removeZoomMeeting),
    /** Connects Zoom, which was missing, and then adds the meeting. A sign-in is enough where only that is missing. */
    connectAndAdd: (lack: ProblemCode) =>
      run(() => addIn.connectZoom(lack !== 'link_required').then(addWith)),
  }
}

function stateOf(appointment: Appointment, { link, made, ofSeries }: LinkNote): View['state'] {
  if (!made) return 'none'
  if (!link) return 'copy'
  if (ofSeries) return 'series'
  if (!made.facts.equals(appointment)) return 'outdated'
  return made.missing.length > 0 ? 'incomplete' : 'current'
}

/** Outlook has events for the time and the recurrence. For a new title, the pane reads again when it gets the focus. */
function whenItMayHaveChanged(act: () => void): () => void {
  const stop = onChange(act)
  window.addEventListener('focus', act)
  const { item } = Office.context.mailbox
  for (const event of [Office.EventType.AppointmentTimeChanged, Office.EventType.RecurrenceChanged]) {
    item?.addHandlerAsync?.(event, act)
  }
  return () => {
    stop()
    window.removeEventListener('focus', act)
  }
}
