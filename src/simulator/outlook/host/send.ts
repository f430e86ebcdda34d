import { mayWrite } from '../shared-calendars.ts'
import type { Host } from './host.ts'
import { maySend } from './launch-events.ts'

/** Sends the meeting, if the add-in and the person let it go. Without anyone invited it is only kept. */
export async function send(host: Host): Promise<void> {
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

export async function save(host: Host): Promise<void> {
  if (!mayKeep(host)) return
  try {
    await host.item.save()
    host.say('save', 'informationalMessage', 'Saved in your calendar.')
  } catch (error) {
    console.error(error)
    host.say('save', 'errorMessage', 'The appointment could not be saved. Is the simulator running?')
  }
}

/** A calendar that is only there to be read takes nothing. */
function mayKeep(host: Host): boolean {
  const { owner } = host.setting
  if (mayWrite(owner)) return true
  host.say('save', 'errorMessage', `You may not change the calendar of ${owner?.displayName}.`)
  return false
}

const people = ({ item }: Host) => item.appointment.required.length + item.appointment.optional.length
