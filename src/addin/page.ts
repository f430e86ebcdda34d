import { Problem } from '../contract/problems.ts'
import { nestedApp } from './identity/nested-app.ts'
import { once } from './once.ts'
import { alone } from './outlook/alone.ts'
import { openItem } from './outlook/item.ts'
import { loadLink, newKey } from './outlook/link.ts'
import { notify } from './outlook/notify.ts'
import { readAppointment } from './outlook/read.ts'
import { writeMeeting } from './outlook/write.ts'
import { type Outcome, schedule } from './schedule.ts'
import { createService, fetchBootstrap } from './service.ts'

const says: Record<Outcome, string> = {
  added: 'This appointment has a Zoom meeting.',
  updated: 'The Zoom meeting follows your changes.',
  unchanged: 'This appointment has a Zoom meeting already.',
}

/** The add-in in a page of Outlook's (pane, buttons): the act, with Outlook, the person and the service around it. */
export function createPage(origin = location.origin) {
  const bootstrap = once(() => fetchBootstrap(origin))
  const signIn = nestedApp(bootstrap)
  const service = createService(origin, async (fresh) => (await signIn({ fresh, mayInteract: true })).token)

  // Asked while Office.js loads; who needs it and does not get it says so.
  bootstrap().catch(() => {})

  return {
    signIn,

    /** Schedules the open appointment and says above it how that went. Throws the `Problem` that it showed. */
    async addZoomMeeting(): Promise<Outcome> {
      const item = openItem()
      const working = notify(item, 'working', 'Adding a Zoom meeting …')
      try {
        const outcome = await alone(() =>
          schedule({
            read: () => readAppointment(item, Office.context.mailbox.userProfile.timeZone),
            loadLink: () => loadLink(item),
            newKey,
            signIn: () => signIn({ mayInteract: true }),
            put: service.put,
            write: (meeting, parts) => writeMeeting(item, meeting, parts),
          }),
        )
        await working
        await notify(item, 'done', says[outcome])
        return outcome
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem('unexpected', {}, error)
        await working
        await notify(item, 'failed', problem.says)
        throw problem
      }
    },
  }
}
