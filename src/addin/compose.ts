import { asProblem } from '../browser/as-problem.ts'
import { once } from '../browser/once.ts'
import type { Appointment } from '../contract/appointment.ts'
import type { Meeting } from '../contract/meeting.ts'
import { createPerson } from './identity/person.ts'
import { newKey } from './new-key.ts'
import type { Item } from './outlook/item.ts'
import { type LinkNote, loadLink, type Made, type Part } from './outlook/link.ts'
import { notify } from './outlook/notify.ts'
import { inOneRuntime } from './outlook/one-runtime.ts'
import { calendarOf, ownerOf } from './outlook/owner.ts'
import { wantsTidy } from './outlook/preference.ts'
import { readAppointment } from './outlook/read.ts'
import { openItem } from './outlook/supported.ts'
import { removeLocation, writeMeeting } from './outlook/write.ts'
import { type Outcome, schedule } from './schedule.ts'
import { createService } from './service.ts'

const says: Record<Outcome, string> = {
  added: 'This appointment has a Zoom meeting.',
  updated: 'The Zoom meeting follows your changes.',
  renewed: 'The Zoom meeting was gone; this appointment has a new one. Send its link to everybody.',
  unchanged: 'This appointment has a Zoom meeting already.',
}

export type AddIn = ReturnType<typeof compose>

/** The add-in in a page of Outlook's (pane, buttons): the act, with Outlook, the person and the service around it. */
export function compose(origin = location.origin) {
  const service = createService(
    origin,
    async (wanted) => (await person.signIn({ ...wanted, mayInteract: true })).token,
  )
  const bootstrap = once(service.bootstrap)
  const person = createPerson({ bootstrap, service })
  // Asked while Office.js loads; who needs it and does not get it says so.
  bootstrap().catch(() => {})

  return {
    bootstrap,
    signIn: person.signIn,
    signedIn: person.signedIn,

    /** Lets the person say, by signing in to Zoom, which Zoom user they are. */
    async connectZoom(): Promise<void> {
      const { zoomLogin } = await import('./identity/zoom-login.ts')
      await service.connectZoom(await zoomLogin())
    },

    /** Ends every proof of the person's, everywhere; the next sign-in starts anew. */
    async disconnect(): Promise<void> {
      await service.disconnect()
      person.forget()
    },

    /** What a launch event needs: nobody is there to sign in, so the person is proven silently or not at all. */
    following() {
      const item = openItem()
      const silent = createService(origin, async (wanted) => (await person.signIn(wanted)).token)
      return {
        read: () => read(item),
        loadLink: () => loadLink(item),
        // A click may be at it: the note is read again once that has ended.
        update: (_note: LinkNote, _key: string, _made: Made, appointment: Appointment) => {
          const needs = {
            read: async () => appointment,
            loadLink: () => loadLink(item),
            owner: () => ownerOf(item),
            newKey,
            signIn: () => person.signIn(),
            put: silent.put,
            ...writing(item),
          }
          return inOneRuntime(() => schedule(needs))
        },
      }
    },

    /** Gives a new appointment its meeting, where the organisation wants every one to have one. A copy is known as one only now. */
    async addToNew(): Promise<void> {
      changed.postMessage(null)
      if ((await bootstrap()).everyMeeting) await addZoomMeeting(false)
    },

    /** The open appointment, the note on it, and in whose calendar it is, if not the person's own. */
    async look(): Promise<{ appointment: Appointment; note: LinkNote; owner: string | undefined }> {
      const item = openItem()
      const [appointment, note, calendar] = await Promise.all([read(item), loadLink(item), calendarOf(item)])
      return { appointment, note, owner: calendar?.owner }
    },

    tidyForEverybody,

    addZoomMeeting: () => addZoomMeeting(true),

    /** Asks also when nothing has changed: at Zoom a meeting may be gone. */
    checkZoomMeeting: () => addZoomMeeting(true, true),

    /** Removes the meeting from Zoom, our note, and what is written of it; the text only where it is to be tidied. */
    async removeZoomMeeting(): Promise<void> {
      const item = openItem()
      const standing = await inOneRuntime(async () => {
        const [note, owner] = await Promise.all([loadLink(item), ownerOf(item)])
        if (!note.link) return []
        await service.remove(note.link.key, owner)
        // The note last: without it nobody would know what to take out.
        const left = note.made ? await takeOut(item, note.made) : []
        await note.clear()
        return left
      })
      await notify(item, 'done', `The Zoom meeting was removed.${stillStands('Its', standing)}`)
      changed.postMessage(null)
    },
  }

  /**
   * Schedules the open appointment and says above it how that went. Throws the `Problem` that it showed.
   * `mayInteract`: a person is there and has asked for it. `mustAsk`: also when nothing has changed.
   */
  async function addZoomMeeting(mayInteract: boolean, mustAsk = false): Promise<Outcome> {
    const item = openItem()
    const working = notify(item, 'working', mustAsk ? 'Asking Zoom …' : 'Adding a Zoom meeting …')
    const written = writing(item)
    const needs = {
      read: () => read(item),
      loadLink: () => loadLink(item),
      owner: () => ownerOf(item),
      newKey,
      signIn: () => person.signIn({ mayInteract }),
      put: service.put,
      ...written,
    }
    try {
      const outcome = await inOneRuntime(() => schedule(needs, mustAsk))
      await working
      await notify(item, 'done', says[outcome] + stillStands('An earlier', written.standing()))
      return outcome
    } catch (error) {
      const problem = asProblem(error)
      await working
      await notify(item, problem.code === 'sign_in_cancelled' ? 'done' : 'failed', problem.says)
      throw problem
    } finally {
      changed.postMessage(null)
    }
  }

  /** Whether the organisation wants an invitation that counts no more taken out of every text. */
  async function tidyForEverybody(): Promise<boolean> {
    return bootstrap().then(
      ({ tidyInvitation }) => tidyInvitation,
      () => false,
    )
  }

  /**
   * Takes out what is written of a meeting that is not this appointment's any more: its link from the location, and
   * where somebody wants that, its invitation from the text. Answers where it still stands.
   */
  async function takeOut(item: Item, { meeting: { joinUrl }, text }: Made): Promise<Part[]> {
    const takers: Record<Part, () => Promise<boolean>> = {
      location: () => removeLocation(item, joinUrl).then(() => true),
      async body() {
        if (!wantsTidy() && !(await tidyForEverybody())) return false
        return (await import('./outlook/tidy.ts')).tidy({ joinUrl, text })
      },
    }
    const standing: Part[] = []
    for (const part of ['location', 'body'] as const)
      if (!(await takers[part]().catch(() => false))) standing.push(part)
    return standing
  }

  /** Writes a meeting in the place of the one before it, and remembers where that one still stands. */
  function writing(item: Item) {
    let standing: Part[] = []
    return {
      standing: () => standing,
      async takeOut(replaced: Made): Promise<void> {
        standing = await takeOut(item, replaced)
      },
      write: (meeting: Meeting, parts: readonly Part[]) => writeMeeting(item, meeting, parts),
    }
  }
}

/** What the person hears of what was not taken out; a line above the appointment has room for 150 letters. */
function stillStands(whose: 'Its' | 'An earlier', standing: readonly Part[]): string {
  if (standing.length === 2) return ` ${whose} link and invitation still stand here.`
  return standing.map((part) => ` ${whose} ${places[part]}.`).join('')
}

const places: Record<Part, string> = {
  location: 'link still stands in the location',
  body: 'invitation still stands in the text',
}

/** Tells the add-in's other runtimes that the open appointment has another meeting now. */
const changed = new BroadcastChannel('zoom meeting')

function read(item: Item): Promise<Appointment> {
  return readAppointment(item, Office.context.mailbox.userProfile.timeZone)
}
