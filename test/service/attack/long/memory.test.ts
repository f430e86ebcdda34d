import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { heldBy } from '../../../../bench/program.ts'
import { mailboxes, type Person } from '../../../../src/simulator/people.ts'
import { engines } from '../../kit.ts'
import { requestsOfVisit, visits } from '../every-kind.ts'
import { attackedHere } from '../kit.ts'

const measured = fileURLToPath(new URL('../../../../bench/measured.mjs', import.meta.url))

/** `REQUESTS=50000` plays more of them. */
const { REQUESTS = '5000' } = process.env
const first = 1_000
/** Of what the service holds after the first requests. */
const most = 1.3

/** People who are all new to the service. Zoom knows them by the sign-in name of somebody else. */
const names = Object.values(mailboxes).filter(({ accountType }) => accountType === 'office365') as Person[]
let people = 0
const nextPerson = (): Person => ({ ...(names[people++ % names.length] as Person), objectId: randomUUID() })

test.each(engines)(
  'many requests of every kind leave no more memory in use than the first ones, on the %s database',
  { timeout: 3_600_000 },
  async (engine) => {
    const world = await attackedHere(engine)
    const service = await world.start({}, measured)
    const send = (requests: number) =>
      visits(service.origin, requests / requestsOfVisit, () => world.token(nextPerson()))
    await send(first)
    const before = await heldBy(service.child)
    await send(Number(REQUESTS) - first)
    const after = await heldBy(service.child)
    const ratios = { resident: after.resident / before.resident, heap: after.heap / before.heap }
    console.log(`${engine}: of ${first} requests' memory after ${REQUESTS}:`, ratios, before, after)
    expect(ratios.heap).toBeLessThan(most)
    expect(ratios.resident).toBeLessThan(most)
  },
)
