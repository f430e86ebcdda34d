import { syncSays } from '../../contract/connections.ts'
import { differenceSays } from '../../contract/difference.ts'
import type { ActiveCaller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { asProblem } from '../http/problem-answer.ts'
import type { Callers } from '../identity/callers.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Invitations } from '../templates/invitations.ts'
import type { SavedOptions } from '../templates/templates.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { App } from '../vault/lasting-key.ts'
import type { ZoomSettings } from '../zoom/settings.ts'
import { type Echoes, echoes } from './echoes.ts'
import { readExisting } from './existing.ts'
import { checkExpiring } from './expiring.ts'
import { type Follow, following } from './follow.ts'
import { zoomHosts } from './hosts.ts'
import { invitedOf } from './invited.ts'
import { optionActs } from './options.ts'
import { type MeetingListeners, put } from './put.ts'
import { changeRecords } from './records/changes.ts'
import { dueRecords } from './records/due.ts'
import { interruptedRecords } from './records/interrupted.ts'
import { leaseRecords } from './records/lease.ts'
import { unseenRecords } from './records/unseen.ts'
import { remove, removeForNow } from './remove.ts'
import { meetingRoutes } from './routes.ts'
import { sweep } from './sweep.ts'
import { undoing } from './undo.ts'
import { type Discard, discarding } from './unseen.ts'
import type { Zooms } from './zooms.ts'

/** The part of Zoom's changes of a day that sync may use. The rest is for what people do themselves. */
const ofSync = 0.75
/** Milliseconds for finding a Zoom user. */
const introducing = 10_000

interface Needs {
  app: App
  settings: Pick<ServerSettings, 'SWEEP_SECONDS'> & Pick<ZoomSettings, 'ZOOM_CHANGES_PER_DAY'>
  database: Database
  /** Only this process can open the database. */
  exclusive: boolean
  callers: Callers
  policies: Pick<Policies, 'of'>
  saved: Pick<SavedOptions, 'defaultsOf'>
  invitations: Pick<Invitations, 'of'>
  zooms: Zooms
  credentials: Credentials
  log: Log
}

interface Introduce {
  /**
   * Finds the Zoom user of somebody who has connected their calendar, in the background: a meeting that others have made
   * for them then follows that calendar, although they have never scheduled here.
   */
  introduce(caller: ActiveCaller): void
  echoes: Pick<Echoes, 'isEcho'>
  listeners: MeetingListeners
}

/** The Zoom meetings of appointments. */
export async function meetingsSystem(needs: Needs): Promise<System & Follow & Discard & Introduce> {
  const { settings, database, callers, policies, saved, invitations, zooms, credentials, log } = needs
  const records = leaseRecords(database)
  const hosts = zoomHosts(callers, zooms.account, policies)
  const changes = changeRecords(database)
  const mostChanges = ofSync * settings.ZOOM_CHANGES_PER_DAY
  const undo = undoing(needs.app, credentials, log)
  const options = { policies, saved, invitations }
  const listeners: MeetingListeners = {}
  const common = { zooms, hosts, records, changes, ...options, undo, log }
  const acts = { ...common, mostChanges, echoes: echoes(), listeners }
  const [interrupted, due] = [interruptedRecords(database), dueRecords(database)]
  const interval = settings.SWEEP_SECONDS * 1000
  if (needs.exclusive) await records.releaseAll()

  return {
    echoes: acts.echoes,
    listeners,
    ...following(acts),
    introduce(caller) {
      callers
        .activeZoomUserOf(caller)
        .then((known) => known ?? hosts.settle(caller, AbortSignal.timeout(introducing)))
        // Who has no Zoom user of that name, or must sign in to Zoom, is told when they schedule.
        .catch((error) => {
          if (asProblem(error).code === 'unexpected') log.error('bug', reasonOf(error))
        })
    },
    ...discarding({ ...acts, unseen: unseenRecords(database) }),
    routes: (api, guards) =>
      meetingRoutes(api, guards, {
        put: (caller, which, appointment, { options, language }, isGone) =>
          invitedOf(acts, caller, language, put(acts, caller, which, appointment, options, isGone)),
        async remove(caller, which) {
          await remove(acts, caller, which)
        },
        removeForNow: (caller, which) => removeForNow(acts, caller, which),
        invitation: (caller, which, language) =>
          invitedOf(acts, caller, language, readExisting(acts, caller, which)),
        ...optionActs(acts),
        async difference(caller, key) {
          const { differs, event } = await records.differenceOf(caller, key)
          if (differs) return { says: differenceSays[differs === 'changed' ? 'changed' : 'gone'] }
          const following = event && (await listeners.followingOf?.(event))
          if (following === 'followed') return { followed: true }
          if (following) return { says: differenceSays[following] }
          return (await listeners.syncOf?.(caller)) === 'off' ? { says: syncSays.off } : {}
        },
      }),
    work: [
      { name: 'sweep', interval, round: (signal) => sweep({ zooms, interrupted, log }, signal) },
      { name: 'changes', interval, round: changes.forgetEarlier },
      { name: 'expiring', interval, round: (signal) => checkExpiring({ zooms, due, log }, signal) },
    ],
  }
}
