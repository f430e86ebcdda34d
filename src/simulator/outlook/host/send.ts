import { mayWrite } from '../shared-calendars.ts'
import type { Watched } from '../watched.ts'
import { type LaunchHost, maySend } from './launch-events.ts'
import type { OpenItem } from './open-item.ts'
import type { Setting } from './setting.ts'
import type { Say, Stage } from './stage.ts'

/** What saving uses. */
interface SaveHost {
  item: OpenItem
  setting: Setting
  say: Say
}

interface SendHost extends SaveHost, LaunchHost {
  stage: Watched<Stage>
  /** Closes the form. */
  leave(notice: string): void
}

/** Sends the appointment, if the add-in and the person allow it. Without attendees it is only saved. */
export async function send(host: SendHost): Promise<void> {
  const { item, stage } = host
  if (stage.get().sending || !mayKeep(host)) return
  stage.change({ sending: true })
  try {
    const invited = people(host)
    if (invited && !(await maySend(host))) return
    const { body, appendOnSend } = item.appointment
    await item.save({ sent: invited > 0, body: body + appendOnSend, appendOnSend: '' })
    host.leave(
      invited
        ? `Sent to ${invited === 1 ? 'one person' : `${invited} people`}.`
        : 'Kept in your calendar. Nobody is invited.',
    )
  } catch (error) {
    console.error(error)
    host.say('send', 'errorMessage', 'The appointment could not be saved. Is the simulator running?')
  } finally {
    stage.change({ sending: false })
  }
}

export async function save(host: SaveHost): Promise<void> {
  if (!mayKeep(host)) return
  try {
    await host.item.save()
    host.say('save', 'informationalMessage', 'Saved in your calendar.')
  } catch (error) {
    console.error(error)
    host.say('save', 'errorMessage', 'The appointment could not be saved. Is the simulator running?')
  }
}

/** Refuses a calendar that the person may only read. */
function mayKeep(host: SaveHost): boolean {
  const { owner } = host.setting
  if (mayWrite(owner)) return true
  host.say('save', 'errorMessage', `You may not change the calendar of ${owner?.displayName}.`)
  return false
}

const people = ({ item }: SaveHost) => item.appointment.required.length + item.appointment.optional.length
