import {
  expectTyped,
  expectWhole,
  isWhole,
  keep,
  pressAdd,
  reopen,
  send,
  typed,
  write,
} from './appointment.ts'
import type { Lane } from './lanes.ts'
import { type Journey, matrix } from './matrix.ts'

interface Sending {
  client?: string
  /** Before it is sent. */
  change?(lane: Lane): Promise<unknown>
  title?: string
  /** Invitations of meetings that are gone, which stand on in the text. */
  earlier?: number
}

function sending(
  name: string,
  { client = 'web', change, title = typed.subject, earlier = 0 }: Sending = {},
): Journey {
  const whole = { title, earlier }
  return {
    name,
    async prepare(lane) {
      await write(lane, { client })
      await pressAdd(lane)
      await change?.(lane)
    },
    act: send,
    async holds(lane) {
      const sent = await keep(lane)
      expectTyped(sent, title)
      return isWhole(lane, sent, whole)
    },
    async again(lane) {
      await reopen(lane, title)
      await pressAdd(lane)
    },
    ends: async (lane) => expectWhole(lane, await keep(lane), whole),
  }
}

const rename = ({ page }: Lane) => page.getByLabel('Title').fill('Renamed')
const renamed = { change: rename, title: 'Renamed' }

async function deleteAtZoom(lane: Lane): Promise<void> {
  await lane.simulator.reset()
  lane.started = 0
}

await matrix([
  sending('sending what has not changed'),
  sending('sending what has changed', renamed),
  sending('sending what has changed, without a page', { ...renamed, client: 'windows-classic' }),
  sending('sending what has changed, when its meeting was deleted at Zoom', {
    ...renamed,
    earlier: 1,
    change: (lane) => deleteAtZoom(lane).then(() => rename(lane)),
  }),
])
