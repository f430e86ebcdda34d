import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Appointment } from '../../contract/appointment.ts'
import type { Options } from '../../contract/meeting-options.ts'
import type { Problem, ProblemCode } from '../../contract/problems.ts'
import { onChange } from '../changes.ts'
import type { AddIn } from '../compose.ts'
import type { LinkNote, Made } from '../outlook/link.ts'
import type { Removal } from '../remove.ts'
import { painted } from './painted.ts'
import { released } from './released.ts'

/** What the pane shows of the open appointment's meeting. */
export interface View {
  made: Made | undefined
  /** What the appointment has now. */
  appointment: Appointment
  /** Identifies the meeting. */
  meetingKey: string | undefined
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

type Loaded = Awaited<ReturnType<AddIn['load']>>

/** What Outlook is asked first. */
export interface Opened {
  loading: Promise<Loaded>
  /** Undefined: Outlook has not answered yet. */
  loaded: Loaded | undefined
}

/** The open appointment's meeting, read again whenever it may have changed. */
export function useMeeting(addIn: AddIn, { loading, loaded }: Opened) {
  /** What the person has chosen for a meeting that they add: in memory only. */
  const [chosen, choose] = useState<Options>({})
  const [view, setView] = useState(loaded && viewOf(loaded))
  const [isRead, setRead] = useState(false)
  /** Of the last act, and of the last reading. */
  const [problem, setProblem] = useState<Problem>()
  const [unread, setUnread] = useState<Problem>()
  /** The readings that have begun, and the last one that was shown. */
  const [begun, shown] = [useRef(0), useRef(0)]
  const [doing, setDoing] = useState<'main' | 'undo'>()
  /** What was removed, and what taking that back came to. They end with the next act. */
  const [removal, setRemoval] = useState<Removal>()
  const [undone, setUndone] = useState<'undone' | 'undoneAnew'>()

  const show = useCallback(
    async (loading: Promise<Loaded>) => {
      const turn = ++begun.current
      const isOld = () => turn < shown.current
      try {
        const loaded = await loading
        await released()
        if (isOld()) return
        shown.current = turn
        setView(viewOf(loaded))
        setUnread(undefined)
      } catch (error) {
        if (!isOld()) setUnread(asProblem(error))
      }
      setRead(true)
    },
    [begun, shown],
  )
  const refresh = useCallback(() => show(addIn.load()), [show, addIn])

  const retry = useCallback(() => {
    setUnread(undefined)
    return refresh()
  }, [refresh])

  async function run(act: () => Promise<unknown>, what: typeof doing = 'main') {
    if (doing) return
    setDoing(what)
    setProblem(undefined)
    setUndone(undefined)
    try {
      await act()
    } catch (error) {
      setProblem(asProblem(error))
    }
    await refresh()
    setDoing(undefined)
  }

  /** An act after which the removal before it cannot be taken back. */
  const next = (act: () => Promise<unknown>) => {
    setRemoval(undefined)
    return run(act)
  }

  const addWith = () => addIn.addZoomMeeting(Object.keys(chosen).length > 0 ? chosen : undefined)

  useEffect(() => {
    if (loaded) painted().then(() => setRead(true))
    else show(loading)
    return whenItMayHaveChanged(refresh)
  }, [show, loading, loaded, refresh])

  return {
    view,
    /** The appointment was read, or could not be, and what came of that is painted. */
    isRead,
    problem: problem ?? unread,
    doing,
    retry,
    chosen,
    choose,
    /** What the pane offers to take back. */
    removal: view?.made ? undefined : removal,
    undone,
    add: () => next(view?.state === 'current' || view?.state === 'series' ? addIn.checkZoomMeeting : addWith),
    addOwn: () => next(addIn.addOwnZoomMeeting),
    remove: () => next(async () => setRemoval(await addIn.removeZoomMeeting())),
    undo: () =>
      run(async () => {
        if (!removal) return
        const { outcome } = await addIn.undoRemoval(removal)
        setRemoval(undefined)
        setUndone(outcome === 'renewed' ? 'undoneAnew' : 'undone')
      }, 'undo'),
    /** Connects Zoom, which was missing, and then adds the meeting. A sign-in is enough where only that is missing. */
    connectAndAdd: (lack: ProblemCode) =>
      next(() => addIn.connectZoom(lack !== 'link_required').then(addWith)),
  }
}

function viewOf({ appointment, note, owner }: Loaded): View {
  const { link, doubtful } = note
  return {
    owner,
    appointment,
    made: link?.made,
    meetingKey: link?.made && link.key,
    state: stateOf(appointment, note),
    doubtful,
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
