import type { Calendars, Kept } from '../calendars.ts'
import type { Zoom } from './api.ts'

/** How soon Zoom was asked to do with a meeting what a calendar did with its appointment. */
export interface Followed {
  /** Zoom's id of the meeting. */
  meeting: string
  /** The title of the appointment. */
  title: string
  what: 'changed' | 'deleted'
  /** From the change in the calendar to the request at Zoom. */
  milliseconds: number
}

/** A change in a calendar that Zoom does not have yet, or did not have. */
type Noted = Omit<Followed, 'milliseconds'> & { at: number }

/** Compares when a calendar and Zoom were changed, by the simulator's clock. The join link says what belongs together. */
export function followed(calendars: Calendars, { meetings, requests }: Pick<Zoom, 'meetings' | 'requests'>) {
  const noted = new Map<string, Noted>()
  calendars.follow(({ what, kept }) => {
    if (what === 'created') return
    for (const meeting of meetings().filter(({ join_url }) => isAbout(join_url, kept))) {
      const [id, title] = [String(meeting.id), String(kept.appointment.subject)]
      const isThere =
        meeting.topic === title &&
        (!meeting.start_time || Date.parse(meeting.start_time) === Date.parse(String(kept.appointment.start)))
      if (what === 'deleted' || !isThere)
        noted.set(id, { meeting: id, title, what: what === 'deleted' ? what : 'changed', at: kept.changedAt })
    }
  })

  /** The request that did it: the first one since then. */
  function answerTo({ meeting, what, at }: Noted): number | undefined {
    const [method, path] = [what === 'deleted' ? 'DELETE' : 'PATCH', `/v2/meetings/${meeting}`]
    const found = requests().find(
      (one) =>
        one.method === method &&
        one.path.split('?')[0] === path &&
        (one.status ?? 500) < 300 &&
        Date.parse(one.at) >= at,
    )
    return found && Date.parse(found.at)
  }

  return {
    /** Those that Zoom has followed, in the order of the changes. */
    all: (): Followed[] =>
      [...noted.values()]
        .sort((one, other) => one.at - other.at)
        .flatMap(({ at, ...one }) => {
          const answered = answerTo({ at, ...one })
          return answered === undefined ? [] : [{ ...one, milliseconds: answered - at }]
        }),
    reset: () => noted.clear(),
  }
}

const isAbout = (joinUrl: string, { appointment }: Kept) => {
  const { origin, pathname } = new URL(joinUrl)
  return JSON.stringify(appointment).includes(`${origin}${pathname}`)
}
