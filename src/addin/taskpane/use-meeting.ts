import { useCallback, useEffect, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Appointment } from '../../contract/appointment.ts'
import type { Problem } from '../../contract/problems.ts'
import { onChange } from '../changes.ts'
import type { AddIn } from '../compose.ts'
import type { LinkNote, Made } from '../outlook/link.ts'

export interface Seen {
  appointment: Appointment
  made: Made | undefined
  /** In whose calendar it is, if not the person's own. */
  owner: string | undefined
  /**
   * `copy`: the meeting is that of the appointment this one was copied from; `behind`: the appointment has changed
   * since; `unfinished`: a part of the invitation is missing; `series`: this is one occurrence, the meeting is for all.
   */
  state: 'none' | 'copy' | 'true' | 'behind' | 'unfinished' | 'series'
}

/** The open appointment's meeting, looked at again whenever it may have changed. */
export function useMeeting(addIn: AddIn) {
  const [seen, setSeen] = useState<Seen>()
  const [problem, setProblem] = useState<Problem>()
  const [working, setWorking] = useState(false)

  const look = useCallback(async () => {
    try {
      const { appointment, note, owner } = await addIn.look()
      setSeen({ appointment, owner, made: note.link?.made, state: stateOf(appointment, note) })
    } catch (error) {
      setProblem(asProblem(error))
    }
  }, [addIn])

  const lookAgain = useCallback(() => {
    setProblem(undefined)
    return look()
  }, [look])

  async function run(act: () => Promise<unknown>) {
    if (working) return
    setWorking(true)
    setProblem(undefined)
    try {
      await act()
    } catch (error) {
      setProblem(asProblem(error))
    }
    await look()
    setWorking(false)
  }

  useEffect(() => {
    look()
    return whenItMayHaveChanged(look)
  }, [look])

  return {
    seen,
    problem,
    working,
    lookAgain,
    add: () => run(seen?.state === 'true' ? addIn.checkZoomMeeting : addIn.addZoomMeeting),
    remove: () => run(addIn.removeZoomMeeting),
    /** What was in the way is removed, and the meeting added. */
    connectAndAdd: () => run(() => addIn.connectZoom().then(addIn.addZoomMeeting)),
  }
}

function stateOf(appointment: Appointment, { link, made, ofSeries }: LinkNote): Seen['state'] {
  if (!made) return 'none'
  if (!link) return 'copy'
  if (ofSeries) return 'series'
  if (!made.facts.equals(appointment)) return 'behind'
  return made.missing.length > 0 ? 'unfinished' : 'true'
}

/** Outlook tells of times and recurrence; a title typed beside the pane shows when the person comes back to it. */
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
