import { asProblem } from '../browser/as-problem.ts'
import { once } from '../browser/once.ts'
import type { Appointment } from '../contract/appointment.ts'
import type { Options } from '../contract/meeting-options.ts'
import { Problem } from '../contract/problems.ts'
import { announceChange } from './changes.ts'
import { createPerson } from './identity/person.ts'
import { newKey } from './new-key.ts'
import { notices } from './notices.ts'
import type { Item } from './outlook/item.ts'
import { factsOf, type LinkNote, loadLink, type Made } from './outlook/link.ts'
import { notify } from './outlook/notify.ts'
import { inOneRuntime } from './outlook/one-runtime.ts'
import { calendarOf, ownerOf } from './outlook/owner.ts'
import { wantsTidy } from './outlook/preference.ts'
import { readAppointment } from './outlook/read.ts'
import { openItem } from './outlook/supported.ts'
import { writeMeeting } from './outlook/write.ts'
import type { Removal } from './remove.ts'
import { type Needs, type Scheduled, schedule } from './schedule.ts'
import { createService, type Service, type Wishes } from './service.ts'
import { says } from './texts/says.ts'

export type AddIn = ReturnType<typeof compose>

/** The add-in in a page: wires Outlook, the person and the service together for the pane, the buttons and the launch events. */
export function compose(origin = location.origin) {
  const serviceFor = (mayInteract: boolean) =>
    createService(origin, async (options) => (await person.signIn({ ...options, mayInteract })).token)
  /** For what the person asked for: a sign-in window may open. */
  const attended = serviceFor(true)
  /** For everything else: the sign-in is silent, or fails. */
  const unattended = serviceFor(false)
  const bootstrap = once(attended.bootstrap)
  const person = createPerson({ bootstrap, service: attended })
  // Loads while Office.js loads. The code that needs the result handles the error.
  bootstrap().catch(() => {})

  const logins = () => import('./identity/login.ts')
  const zoomLogin = async () => (await logins()).zoomLogin()
  const connections = once(async () => {
    const { createConnections } = await import('./connections.ts')
    return createConnections({
      attended,
      unattended,
      signIn: person.signIn,
      zoomLogin,
      googleLogin: async (permission) => (await logins()).googleLogin(permission),
    })
  })

  return {
    bootstrap,
    signIn: person.signIn,
    signedIn: person.signedIn,

    /**
     * Opens a sign-in to Zoom, which proves which Zoom user the person is. `own`: where people can connect their own Zoom
     * account, meetings are made with it from then on.
     */
    async connectZoom(own = false): Promise<void> {
      if (!own || !(await bootstrap()).zoomConnect) {
        await attended.connectZoom(await zoomLogin())
        return
      }
      const { state, says } = await (await connections()).connect('zoom')
      if (state !== 'connected') throw new Problem('zoom_not_connected', { title: says })
    },

    /** Revokes all proofs of the person, on every device. */
    async disconnect(): Promise<void> {
      await attended.disconnect()
      person.forget()
    },

    /** What a launch event needs to update the meeting. */
    following() {
      const item = openItem()
      return {
        read: (known: Promise<Appointment>) => readFacts(item, known),
        async loadLink(found: () => void): Promise<LinkNote> {
          const note = await loadLink(item)
          if (!note.link || note.link.made) return note
          found()
          return inOneRuntime(() => loadLink(item))
        },
        // A click may be scheduling: wait until it ends, then read the note again. Another may have removed the meeting.
        update: (_note: LinkNote, key: string, _made: Made, appointment: Appointment) =>
          inOneRuntime(async () => {
            const note = await loadLink(item)
            if (note.link?.key !== key) return
            const known = { read: async () => appointment, loadLink: async () => note }
            refuseDeadLink(await schedule({ ...needsOf(item, unattended), ...known }))
          }),
      }
    },

    /** Adds a meeting to a new appointment if the organisation wants one in every appointment. */
    async addToNew(): Promise<void> {
      // The launch event may just have found that the appointment is a copy.
      announceChange()
      if (!(await bootstrap()).everyMeeting) return
      if ((await unattended.me()).everyMeeting) await addZoomMeeting(unattended)
    },

    /** Reads the open appointment, its note, and whose calendar it is in, if not the person's own. */
    async load(): Promise<{ appointment: Appointment; note: LinkNote; owner: string | undefined }> {
      const item = openItem()
      const noted = loadLink(item)
      const [appointment, note, calendar] = await Promise.all([
        readFacts(item, factsOf(noted)),
        noted,
        calendarOf(item),
      ])
      return { appointment, note, owner: calendar?.owner }
    },

    /** What the organisation has decided about tidying the text. Asks silently. */
    tidy: async () => (await unattended.me()).tidy,

    /** `options`: what the person has chosen for the meeting, if it is not there yet. */
    addZoomMeeting: (options?: Options) => addZoomMeeting(attended, false, { options }),

    /** Asks the service even if nothing has changed here: the meeting may have been deleted at Zoom. */
    checkZoomMeeting: () => addZoomMeeting(attended, true),

    /** Adds a meeting of its own to a copy that Outlook does not show to be one. */
    async addOwnZoomMeeting(): Promise<void> {
      const { made, save } = await loadLink(openItem())
      await save({ made })
      await addZoomMeeting(attended)
    },

    /** How the meeting of this key differs from its appointment, or may differ. Asks silently. */
    difference: async (key: string) => (await import('./difference.ts')).differenceOf(unattended, key),

    /** The apps that the person has signed in to, which only the pane shows. Asks silently. */
    apps: async () => (await import('./apps.ts')).createApps(unattended),

    /** What the person has connected, which only the pane shows. */
    connections,

    /** Copies the whole invitation of the open appointment's meeting. Asks silently. */
    copyInvitation: async (short: Made['meeting'], key: string | undefined, owner: string | undefined) =>
      (await import('./copy-invitation.ts')).copyInvitation({ service: unattended, key, owner }, short),

    /** What people can choose for the meeting, which only the pane shows. */
    meetingOptions: once(async () => {
      const { createMeetingOptions } = await import('./meeting-options.ts')
      return createMeetingOptions({
        loadLink: () => loadLink(openItem()),
        owner: () => ownerOf(openItem()),
        service: attended,
      })
    }),

    /** Undefined: there is nothing to take back. */
    async removeZoomMeeting(): Promise<Removal | undefined> {
      // What takes it back is loaded too: a service that was upgraded since may not have this file any more.
      const [{ remove }] = await Promise.all([import('./remove.ts'), import('./undo.ts')])
      const item = openItem()
      const needs = { ...needsOf(item, attended), remove: attended.remove }
      const removal = await inOneRuntime(() => remove(needs))
      await notify(item, 'done', notices.removed(removal?.remaining ?? []))
      announceChange()
      return removal
    },

    /** `outcome` is `renewed` if the meeting has a new link. */
    async undoRemoval(removal: Removal): Promise<Scheduled> {
      const { undo } = await import('./undo.ts')
      return addZoomMeeting(attended, true, { undo: removal.undo }, (needs) => undo(needs, removal))
    },
  }

  /** Schedules the open appointment and shows the result above it. Throws the `Problem` that it showed. */
  async function addZoomMeeting(
    service: Service,
    mustAsk = false,
    wishes?: Wishes,
    act = schedule,
  ): Promise<Scheduled> {
    const item = openItem()
    // What signs in loads while Outlook is asked for the facts.
    person.prepare()
    let shown = notify(item, 'working', mustAsk ? notices.checking() : notices.adding())
    // Who closes the appointment before it is done could get the invitation a second time. So the line says it in progress.
    const show = (scheduled: Scheduled) => {
      shown = shown.then(() => notify(item, 'working', notices.scheduled(scheduled)))
    }
    try {
      const scheduled = await inOneRuntime(() => act({ ...needsOf(item, service, wishes), show }, mustAsk))
      await shown
      await notify(item, 'done', notices.scheduled(scheduled))
      return scheduled
    } catch (error) {
      const problem = asProblem(error)
      await shown
      await notify(item, problem.code === 'sign_in_cancelled' ? 'done' : 'failed', says(problem))
      throw problem
    } finally {
      announceChange()
    }
  }

  function needsOf(item: Item, { signIn, put, look }: Service, wishes?: Wishes): Needs {
    return {
      read: (known) => readFacts(item, known),
      loadLink: () => loadLink(item),
      owner: () => ownerOf(item),
      newKey,
      signIn,
      put: (key, appointment, owner) => put(key, appointment, owner, person.isOfMailbox(), wishes),
      look,
      erase: (made) =>
        import('./outlook/erase.ts').then(
          ({ eraseMeeting }) => eraseMeeting(item, made, () => mayTidy(unattended)),
          () => ['location', 'body'],
        ),
      write: (meeting, parts) => writeMeeting(item, meeting, parts),
    }
  }
}

/** Whether the text may be read, to tidy it. While it is not known what the organisation has decided, it may not. */
async function mayTidy({ me }: Service): Promise<boolean> {
  const { tidy } = await me()
  return tidy === 'on' || (tidy === 'choice' && wantsTidy())
}

function readFacts(item: Item, known: Promise<Appointment | undefined>): Promise<Appointment> {
  return readAppointment(item, Office.context.mailbox.userProfile.timeZone, known)
}

/** A dead link must not leave with an invitation unless the person has chosen to send it. */
function refuseDeadLink({ outcome, remaining }: Scheduled): void {
  if (outcome === 'renewed' && remaining.length > 0) throw new Problem('meeting_replaced')
}
