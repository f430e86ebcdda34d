import {
  type MeetingOptions,
  type OptionName,
  type Options,
  type OptionsChange,
  optionNames,
} from '../../contract/meeting-options.ts'
import { optionsIn } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Policies } from '../policies/policies.ts'
import { optionsFrom, settingsFrom } from '../zoom/options.ts'
import { exclusively, type Which } from './exclusively.ts'
import type { Hosts } from './hosts.ts'
import type { LeaseRecords } from './records/lease.ts'
import { meetingOf } from './reference.ts'
import { type Zooms, zoomFor } from './zooms.ts'

interface Needs {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
  policies: Pick<Policies, 'of'>
}

/** The options of a meeting that exists. Zoom has them, and the service keeps none. */
export function optionActs(needs: Needs) {
  const { zooms, records, policies } = needs

  /** Makes the changes if there are any, and reads what Zoom has then. Throws `meeting_gone`. */
  const act = (caller: Caller, which: Which, locked: readonly OptionName[], wanted?: OptionsChange) =>
    exclusively(needs, caller, { ...which, existing: true }, async (record, signal) => {
      try {
        const { zoomMeetingId: id, hostId } = record
        if (!id) throw new Problem('meeting_gone')
        const zoom = zoomFor(zooms, record, hostId)
        const known = meetingOf(id, caller, record)
        const set = (change: OptionsChange) =>
          zoom.setOptions(known, settingsFrom(change), signal).catch(refusalOf(change))
        if (wanted && !(await set(wanted))) throw new Problem('meeting_gone')
        const meeting = await zoom.get(known, signal)
        if (!meeting) throw new Problem('meeting_gone')
        const alternativeHosts = meeting.settings?.alternative_hosts
        return {
          ...shown(optionsFrom(meeting.settings), locked, wanted),
          ...(typeof alternativeHosts === 'string' && { alternativeHosts }),
        }
      } finally {
        await records.release(record)
      }
    })

  return {
    async options(caller: Caller, which: Which): Promise<MeetingOptions> {
      return act(caller, which, optionsIn(await policies.of(caller)).locked)
    },

    /** Changes only these. Throws `option_locked` for one that a policy decides, and `option_not_allowed`. */
    async changeOptions(caller: Caller, which: Which, wanted: OptionsChange): Promise<MeetingOptions> {
      const { locked, values } = optionsIn(await policies.of(caller))
      const names = optionNames.filter((name) => wanted[name] !== undefined)
      if (names.length === 0 && wanted.alternativeHosts === undefined)
        throw new Problem('invalid_request', { field: 'body', why: 'has no option' })
      const refused = names.find((name) => locked.includes(name) && wanted[name] !== values[name])
      if (refused) throw new Problem('option_locked', { field: refused })
      return act(caller, which, locked, wanted)
    },
  }
}

/** Zoom accepts a change and leaves the option as it is where the account decides it. */
function shown(options: Options, locked: readonly OptionName[], wanted: OptionsChange = {}): MeetingOptions {
  const lockOf = (name: OptionName) => {
    if (locked.includes(name)) return { lockedBy: 'organisation' as const }
    const isIgnored = wanted[name] !== undefined && wanted[name] !== options[name]
    return isIgnored ? { lockedBy: 'zoom' as const } : {}
  }
  return Object.fromEntries(
    optionNames.flatMap((name) =>
      options[name] === undefined ? [] : [[name, { value: options[name], ...lockOf(name) }]],
    ),
  )
}

const refusalOf =
  ({ alternativeHosts }: OptionsChange) =>
  (error: unknown): never => {
    if (!(error instanceof Problem) || error.code !== 'zoom_refused') throw error
    const code = alternativeHosts === undefined ? 'option_not_allowed' : 'alternative_hosts_not_allowed'
    throw new Problem(code, {}, error)
  }
