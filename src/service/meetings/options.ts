import {
  type MeetingOptions,
  type OptionName,
  type Options,
  offeredNames,
  ofNewNames,
  optionNames,
  type TextName,
  textNames,
} from '../../contract/meeting-options.ts'
import { type DecidedName, optionsIn } from '../../contract/policies.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'
import type { ZoomTemplates } from '../../contract/templates.ts'
import type { Caller } from '../caller.ts'
import { withDeadline } from '../deadline.ts'
import { type Allowed, allowedBy, bodyFrom, optionsOf } from '../zoom/options.ts'
import { type ChosenNeeds, chosenFor, requireOthers, requireUnlocked } from './chosen.ts'
import type { Which } from './exclusively.ts'
import { onExisting } from './existing.ts'
import type { Hosts } from './hosts.ts'
import type { ChangeRecords } from './records/changes.ts'
import type { LeaseRecords } from './records/lease.ts'
import type { Zooms } from './zooms.ts'

interface Needs extends ChosenNeeds {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
  changes: Pick<ChangeRecords, 'count'>
}

/** Milliseconds for what the host of a new meeting can choose. */
const patience = 10_000

/** The options of a meeting. Zoom has them, and the service keeps none. */
export function optionActs(needs: Needs) {
  const { zooms, hosts, changes, policies } = needs

  /** Makes the changes if there are any, and reads what Zoom has then. Throws `meeting_gone`. */
  const act = (caller: Caller, which: Which, locked: readonly DecidedName[], wanted?: Options) =>
    onExisting(needs, caller, which, async (zoom, known, signal) => {
      if (wanted?.alternativeHosts) {
        const meeting = await zoom.get(known, signal)
        requireOthers(wanted.alternativeHosts, meeting?.host_email ?? undefined)
      }
      const set = (change: Options) =>
        zoom.setOptions(known, bodyFrom(change), signal).catch(refusalOf(change))
      if (wanted && !(await set(wanted))) throw new Problem('meeting_gone')
      if (wanted) await changes.count(known.host)
      const [meeting, account] = await Promise.all([
        zoom.get(known, signal),
        wanted ? nothingSaid : zoom.account(known.host, known.whose, signal),
      ])
      if (!meeting) throw new Problem('meeting_gone')
      const gone = String(meeting.settings?.authentication_name ?? '')
      return shown(optionsOf(meeting), allowedBy(account), locked, { wanted, gone })
    })

  return {
    async options(caller: Caller, which: Which): Promise<MeetingOptions> {
      return act(caller, which, optionsIn(await policies.of(caller)).locked)
    },

    /** What a new meeting gets, and what can be chosen for it. `owner`: whose calendar it is in, if not the caller's. */
    async optionsOfNew(caller: Caller, owner: string | undefined): Promise<MeetingOptions> {
      const { all, locked } = await chosenFor(needs, caller, {}, owner ?? caller.signInName)
      return withDeadline(patience, async (signal) => {
        const { hostId, isOwn } = await hosts.ofNew(caller, owner, signal)
        const zoom = isOwn ? zooms.own(caller.subject) : zooms.account
        const allowed = allowedBy(await zoom.account(hostId, owner ? 'owner' : 'caller', signal))
        const own = Object.fromEntries(textNames.map((name) => [name, '']))
        return shown({ ...own, ...allowed.defaults, ...all }, allowed, locked, { names: optionNames })
      })
    },

    /** The meeting templates of the host in Zoom: their names by their ids. */
    async zoomTemplates(caller: Caller, owner: string | undefined): Promise<ZoomTemplates> {
      return withDeadline(patience, async (signal) => {
        const { hostId, isOwn } = await hosts.ofNew(caller, owner, signal)
        const zoom = isOwn ? zooms.own(caller.subject) : zooms.account
        return zoom.templates(hostId, owner ? 'owner' : 'caller', signal)
      })
    },

    /** Changes only these. Throws `option_locked` for one that a policy decides, and `option_not_allowed`. */
    async changeOptions(caller: Caller, which: Which, wanted: Options): Promise<MeetingOptions> {
      if (Object.keys(wanted).length === 0)
        throw new Problem('invalid_request', { field: 'body', why: 'has no option' })
      const field = ofNewNames.find((name) => wanted[name] !== undefined)
      if (field) throw new Problem('invalid_request', { field, why: 'is for a new meeting only' })
      if (wanted.passcode === '') throw new Problem('invalid_request', { field: 'passcode', why: 'is empty' })
      const { locked, values } = optionsIn(await policies.of(caller))
      requireUnlocked(wanted, values, locked)
      return act(caller, which, locked, wanted)
    },
  }
}

const nothingSaid = { type: undefined, settings: undefined, locks: [] }

interface Shown {
  /** What the person has just changed. Zoom accepts a change and leaves the option as it is where the account decides it. */
  wanted?: Options | undefined
  /** Those that are shown although Zoom says no value. */
  names?: readonly OptionName[]
  /** What Zoom calls the meeting's authentication profile. */
  gone?: string
}

/** Options as an answer has them. */
function shown(
  options: Options,
  { locked: lockedInZoom, missing, without, offered }: Allowed,
  locked: readonly DecidedName[],
  { wanted = {}, names, gone = '' }: Shown,
): MeetingOptions {
  const isNew = names !== undefined
  const said = names ?? optionNames.filter((name) => options[name] !== undefined)
  const lockOf = (name: OptionName) => {
    if (locked.includes(name)) return { lockedBy: 'organisation' as const }
    const isIgnored = wanted[name] !== undefined && wanted[name] !== options[name]
    return isIgnored || lockedInZoom.includes(name) ? { lockedBy: 'zoom' as const } : {}
  }
  const of = (name: OptionName) => {
    const lacks = without(name).filter((value) => value !== options[name])
    return {
      ...(options[name] !== undefined && { value: options[name] }),
      ...lockOf(name),
      ...(lacks.length > 0 && { without: lacks.join(';') }),
    }
  }
  /** A text that a policy decides is not offered: there is nothing to choose. */
  const isDecided = (name: OptionName | TextName) =>
    textNames.some((one) => one === name) && locked.some((one) => one === name)
  const decided = textNames.filter((name) => isDecided(name) && !missing.includes(name))
  const nameIn = (name: TextName, text = '') =>
    name === 'authenticationProfile' ? (offered[name][text] ?? '') : text
  const has = (name: OptionName | TextName) => !missing.includes(name) && !isDecided(name)
  const texts = textNames.filter((name) => options[name] !== undefined)
  const { authenticationProfile: profile } = options
  const profiles = Object.keys(offered.authenticationProfile)
  const isGone = profiles.length > 0 && profile && !profiles.includes(profile)
  const isChoice = {
    authenticationProfile: (profiles.length > 1 || isGone) && has('authenticationProfile'),
    dataCenterRegions: isNew && has('dataCenterRegions'),
    interpreters: has('interpreters'),
    signLanguageInterpreters: has('signLanguageInterpreters'),
  }
  const lists = offeredNames.filter((name) => isChoice[name] && Object.keys(offered[name]).length > 0)
  return {
    ...Object.fromEntries([
      ...said.filter(has).map((name) => [name, of(name)]),
      ...texts.filter(has).map((name) => [name, options[name]]),
    ]),
    ...(lists.length > 0 && { offered: Object.fromEntries(lists.map((name) => [name, offered[name]])) }),
    ...(decided.length > 0 && {
      decided: Object.fromEntries(decided.map((name) => [name, nameIn(name, options[name])])),
    }),
    ...(isGone && isChoice.authenticationProfile && { authenticationProfileGone: gone.slice(0, 256) }),
  }
}

const refusalOf =
  (change: Options) =>
  (error: unknown): never => {
    if (!(error instanceof Problem) || error.code !== 'zoom_refused') throw error
    const [name] = textNames.filter((name) => change[name] !== undefined && name in refusals)
    throw new Problem(refusals[name ?? ''] ?? 'option_not_allowed', {}, error)
  }
const refusals: Readonly<Record<string, ProblemCode>> = {
  authenticationProfile: 'authentication_profile_not_allowed',
  alternativeHosts: 'alternative_hosts_not_allowed',
  interpreters: 'interpreters_not_allowed',
  signLanguageInterpreters: 'interpreters_not_allowed',
}
