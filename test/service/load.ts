import { setTimeout as pause } from 'node:timers/promises'
import { adminPaths, personPath } from '../../src/contract/admin-paths.ts'
import {
  connectionPath,
  meetingInvitationPath,
  meetingOptionsPath,
  meetingPath,
  paths,
  templatePath,
} from '../../src/contract/paths.ts'
import { preferUndo, undoHeader } from '../../src/contract/undo.ts'
import { mailboxes, type Person } from '../../src/simulator/people.ts'
import { newKey, quarterlyReview } from '../kit.ts'
import { adminToken, grace, subjectOf } from './admin/kit.ts'
import { type Answer, asker } from './identity/kit.ts'
import type { World } from './kit.ts'
import { at, person } from './sync/kit.ts'

const alan: Person = mailboxes['no-bridge']
const barbara: Person = mailboxes['no-popups']
const claude: Person = mailboxes['interaction-required']
const edsger: Person = mailboxes.cancels

/** Milliseconds until an act that never comes to its end has failed. */
const patience = 180_000
/** Milliseconds before each request. Seven senders without a breath would test the machine. */
const breath = 30

/**
 * Everything that people, their apps, Microsoft Graph, Zoom and an administrator ask of the service, without a pause. Each
 * of them begins its next round when the last one has ended. `isLater`: an answer after which it asks again. What a request
 * that was not answered well has done then, the next one may find done. `personPagesAt`: who answers the administrator’s page
 * about a person; nobody is asked for it meanwhile if there is none.
 */
export async function startLoad(
  world: World,
  origin: string,
  isLater?: (answer: Answer) => boolean,
  personPagesAt: () => string | undefined = () => origin,
) {
  const failures: string[] = []
  const rounds: Record<string, number> = {}
  /** What Zoom must have in the end. */
  const kept: { id: string; topic: string }[] = []
  let isOver = false

  /** One request, repeated as its sender repeats it. */
  async function ask(...asked: Parameters<ReturnType<typeof asker>>): Promise<Answer> {
    const since = performance.now()
    for (;;) {
      await pause(breath)
      const answer = await asker(origin)(...asked)
      if (!isLater?.(answer) || performance.now() - since > patience) return answer
    }
  }
  /** The body of an answer that has this status. */
  async function get(status: number, ...asked: Parameters<typeof ask>): Promise<Answer['body']> {
    const answer = await ask(...asked)
    if (answer.status !== status)
      throw new Error(
        `${asked[0]} ${asked[1]} was answered ${answer.status} ${JSON.stringify(answer.body)}, not ${status}`,
      )
    return answer.body
  }
  async function comes(what: string, isTrue: () => boolean): Promise<void> {
    const since = performance.now()
    while (!isTrue()) {
      if (performance.now() - since > patience) throw new Error(`${what} did not come`)
      await pause(20)
    }
  }
  const as = async (who: Person) => ({ bearer: await world.token(who) })

  const owner = person(world, origin)
  await owner.connect()
  const [followed, repaired] = [await owner.schedule(), await owner.schedule()]
  for (const who of [claude, edsger])
    if ((await get(200, 'PUT', connectionPath('microsoft'), await as(who))).state !== 'connected')
      throw new Error('A calendar could not be connected')

  const acts: Record<string, (round: number) => Promise<void>> = {
    async 'a person schedules, changes, removes and brings back'(round) {
      const key = newKey()
      const facts = { ...quarterlyReview, subject: `Round ${round}` }
      const put = { ...(await as(alan)), body: facts }
      const { id, ticket } = await get(200, 'PUT', meetingPath(key), put)
      const moved = { ...facts, subject: `Moved in round ${round}` }
      await get(200, 'PUT', meetingPath(key), { bearer: String(ticket), body: moved })
      await get(200, 'GET', meetingPath(key), await as(alan))
      await get(200, 'GET', meetingOptionsPath(key), await as(alan))
      const options = { ...(await as(alan)), body: { waitingRoom: round % 2 ? 'on' : 'off' } }
      await get(200, 'PATCH', meetingOptionsPath(key), options)
      await get(200, 'GET', meetingInvitationPath(key), await as(alan))
      if (round % 3 === 0) return void (await get(204, 'DELETE', meetingPath(key), await as(alan)))
      if (round % 3 === 1) {
        const remove = { ...(await as(alan)), headers: preferUndo }
        const { status, body } = await ask('DELETE', meetingPath(key), remove)
        if (status === 204 && isLater) return
        if (status !== 200) throw new Error(`A removal was answered ${status}`)
        const back = { ...(await as(alan)), headers: { [undoHeader]: String(body.undo) }, body: moved }
        const again = await get(200, 'PUT', meetingPath(key), back)
        if (again.id !== id) throw new Error('What was removed came back as another meeting')
      }
      kept.push({ id: String(id), topic: moved.subject })
    },
    async 'a person saves options'(round) {
      const [id, body] = [newKey(), { name: `Template ${round}`, options: { waitingRoom: 'off' } }]
      await get(200, 'GET', paths.options, await as(barbara))
      await get(204, 'PUT', paths.defaults, { ...(await as(barbara)), body: { hostVideo: 'on' } })
      await get(204, 'PUT', templatePath(id), { ...(await as(barbara)), body })
      const { templates } = await get(200, 'GET', paths.templates, await as(barbara))
      if (!Object.hasOwn(Object(templates), id)) throw new Error('A template is lost')
      await get(204, 'DELETE', templatePath(id), await as(barbara))
    },
    async 'a person connects and disconnects a calendar'() {
      await get(200, 'GET', paths.bootstrap)
      await get(200, 'GET', paths.me, await as(barbara))
      const { state } = await get(200, 'PUT', connectionPath('microsoft'), await as(barbara))
      if (state !== 'connected') throw new Error(`A calendar was ${state}`)
      const all = await get(200, 'GET', paths.connections, await as(barbara))
      if (!JSON.stringify(all).includes('connected')) throw new Error('A connection is lost')
      await get(204, 'DELETE', connectionPath('microsoft'), await as(barbara))
    },
    async 'an app gets access tokens'() {
      await get(200, 'POST', paths.microsoftAccessToken, await as(claude))
      // Another credential, which each process has to open.
      await get(200, 'PUT', connectionPath('microsoft'), await as(claude))
      for (let process = 0; process < 2; process++)
        await get(200, 'POST', paths.microsoftAccessToken, await as(claude))
    },
    async 'Microsoft Graph tells of a change'(round) {
      followed.change({ subject: `Followed in round ${round}`, ...at(3 + (round % 20)) })
      await comes('a change of the calendar', () => followed.zoom()?.topic === `Followed in round ${round}`)
    },
    async 'Zoom tells of a change'(round) {
      const before = repaired.zoom()
      world.zoom.portal.changeMeeting(String(before?.id), { topic: `Renamed in round ${round}` })
      await comes('a repair', () => repaired.zoom()?.topic === before?.topic)
    },
    async 'an administrator reads and decides'(round) {
      const admin = { bearer: await adminToken(world, grace) }
      for (const path of [
        adminPaths.people,
        adminPaths.sync,
        adminPaths.mailboxes,
        adminPaths.audit,
        adminPaths.keys,
        adminPaths.health,
      ])
        await get(200, 'GET', path, admin)
      const pagesAt = personPagesAt()
      if (pagesAt) await get(200, 'GET', `${pagesAt}${personPath(subjectOf(claude))}`, admin)
      const { version } = await get(200, 'GET', adminPaths.policies, admin)
      const rules = [{ group: null, name: 'muteUponEntry', value: round % 2 ? 'on' : 'off' }]
      const { status } = await ask('PUT', adminPaths.policies, { ...admin, body: { version, rules } })
      if (status !== 200 && !(status === 409 && isLater)) throw new Error(`Rules were answered ${status}`)
    },
  }

  const lanes = Object.entries(acts).map(async ([name, act]) => {
    rounds[name] = 0
    for (let round = 0; !isOver; round++) {
      try {
        await act(round)
        rounds[name] = round + 1
      } catch (error) {
        failures.push(`${name}, round ${round}: ${(error as Error).message}`)
        await pause(200)
      }
    }
  })

  return {
    failures,
    /** Until everything has had so many more rounds, or one has failed. */
    async goesOn(more = 2): Promise<void> {
      const before = { ...rounds }
      const all = () => Object.keys(acts).every((name) => (rounds[name] ?? 0) >= (before[name] ?? 0) + more)
      while (failures.length === 0 && !all()) await pause(50)
    },
    /** How many rounds each has had. */
    rounds,
    /** Resolves when the rounds that run have ended. */
    async end(): Promise<void> {
      isOver = true
      await Promise.all(lanes)
    },
    /** What is not in Zoom as it should be. `others`: meetings there that are not of this. */
    wrong(others = 0): string[] {
      const found = new Map(world.zoom.meetings().map(({ id, topic }) => [String(id), topic]))
      const wrong = kept.filter(({ id, topic }) => found.get(id) !== topic)
      const meetings = kept.length + [followed, repaired].length + others
      return [
        ...wrong.map(({ id, topic }) => `${topic}: Zoom has ${found.get(id) ?? 'no meeting'}`),
        ...(found.size === meetings ? [] : [`Zoom has ${found.size} meetings, not ${meetings}`]),
      ]
    },
  }
}
