import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import type { Call, Fault } from '../../src/simulator/kit/faults.ts'
import type { Recorded } from '../../src/simulator/kit/ledger.ts'
import type { Appointment } from '../../src/simulator/outlook/item/appointment.ts'
import type { World } from '../../src/simulator/world.ts'
import type { StoredMeeting } from '../../src/simulator/zoom/api.ts'
import type { ReceivedRequest } from '../../src/simulator/zoom/recorder.ts'

type Asked = Pick<World, 'outlook' | 'certificate'>

/** What tests see and steer of a world; `GET /simulator` tells the rest. */
export function simulatorOf(world: Asked) {
  const ask = asking(world)
  const read = async <T>(path: string) => JSON.parse(await ask('GET', path)) as T
  const held = async () => (await read<{ held: Call[] }>('/simulator/faults')).held
  return {
    ledger: () => read<Recorded[]>('/simulator/ledger'),
    /** What was asked of whom, by the names that a fault matches. */
    calls: () => read<Call[]>('/simulator/calls'),
    meetings: () => read<StoredMeeting[]>('/simulator/zoom/meetings'),
    zoomRequests: () => read<ReceivedRequest[]>('/simulator/zoom/requests'),
    /** What was saved or sent. */
    appointments: () => read<(Appointment & { id: string })[]>('/simulator/appointments'),
    reset: () => ask('POST', '/simulator/reset'),
    /** The service needs a new token for its next request to Zoom. */
    endZoomTokens: () => ask('DELETE', '/simulator/zoom/tokens'),
    /** This person removes the app that they connected from their Zoom account, and Zoom tells the service. */
    removeZoomApp: (email: string) => ask('DELETE', `/simulator/zoom/users/${email}/app`),
    /** The calls that a fault holds back. */
    held,
    /** Waits for a call to be held and lets it go on; answers once its work is done. */
    async release() {
      await expect.poll(held).not.toEqual([])
      await ask('POST', '/simulator/faults/release')
    },
    /** Ends every fault, as `release` does. */
    mend: () => ask('DELETE', '/simulator/faults'),
    fault: (...faults: Fault[]) => ask('POST', '/simulator/faults', faults),
    /** The faults that nobody has met yet. */
    waiting: async () => (await read<{ waiting: Fault[] }>('/simulator/faults')).waiting,
  }
}

/** Asks the world's simulator, or whoever else of it `path` names, trusting its certificate only. */
export function asking({ outlook, certificate }: Asked) {
  const options = { ca: certificate.cert, headers: { 'content-type': 'application/json' } }
  return (method: string, path: string, body?: unknown): Promise<string> =>
    new Promise((resolve, reject) => {
      request(new URL(path, outlook), { ...options, method }, async (response) => {
        const answer = await text(response)
        if ((response.statusCode ?? 500) < 400) resolve(answer)
        else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${answer}`))
      })
        .on('error', reject)
        .end(body === undefined ? '' : JSON.stringify(body))
    })
}
