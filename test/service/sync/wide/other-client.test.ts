import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { isOwnCalendar, ownCalendarHeader } from '../../../../src/contract/owner.ts'
import { connectionPath } from '../../../../src/contract/paths.ts'
import { addInId } from '../../../../src/simulator/microsoft/app.ts'
import type { ServerAccount } from '../../../../src/simulator/microsoft/ews/server.ts'
import { newKey, putMeeting, quarterlyReview } from '../../../kit.ts'
import { openIdentity, tim } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { at, settings, until, weekly } from '../kit.ts'

const password = 'secret'

interface Shown {
  id: string
  subject: string
  start: string
  note: string | null
}

test.skipIf(!hasPostgres)(
  'a meeting follows what its owner and a delegate create, change and delete on an Exchange server by another program, which sees the add-in’s note; a changed occurrence leaves the meeting of its series as it is',
  async () => {
    const identity = await openIdentity('PostgreSQL', settings)
    onTestFinished(identity.close)
    const { accounts, folder, row } = identity.exchange
    const delegate: ServerAccount = { name: 'vint', password, failed: 0, ews: 'open' }
    accounts.push({ name: 'tim', password, failed: 0, ews: 'open' }, delegate)
    folder.schemes = ['ntlm', 'basic']
    const bearer = (await identity.session()).session
    const connected = await identity.ask('PUT', connectionPath('exchange'), {
      bearer,
      body: { user: 'CONTOSO\\tim', password },
    })
    expect(connected).toMatchObject({ status: 200, body: { state: 'connected' } })
    const key = newKey()
    const { body } = await putMeeting(identity.service.origin, bearer, key, quarterlyReview, {
      [ownCalendarHeader]: isOwnCalendar,
    })
    const zoom = () => identity.world.zoom.meetings().find(({ id }) => String(id) === body.id)
    const note = JSON.stringify({ zoomMeeting: JSON.stringify({ key }) })
    const customProperties = JSON.parse(note)
    const { subject, timeZone } = quarterlyReview
    const saved = { id: 'an appointment', subject, ...at(3), timeZone, customProperties }
    identity.world.graph.calendars.put(saved, tim.emailAddress)
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(saved.start))

    const script = fileURLToPath(new URL('other-client.mjs', import.meta.url))
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: row.ca, ADDIN_ID: addInId }
    const act = async (name: string, act: string, ...more: string[]): Promise<Shown[]> => {
      const words = [script, row.ewsUrl, `CONTOSO\\${name}`, password, act, tim.emailAddress, ...more]
      return JSON.parse((await promisify(execFile)(process.execPath, words, { env })).stdout)
    }
    const [shown] = await act('tim', 'list')
    expect(shown).toMatchObject({ subject, note })
    expect(Date.parse(shown?.start ?? '')).toBe(Date.parse(saved.start))
    expect(await act('tim', 'changes')).toMatchObject([{ id: shown?.id, note }])

    const id = String(shown?.id)
    const move = async (name: string, start: string) => {
      await act(name, 'move', id, start)
      await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(start))
    }
    await move('tim', at(4).start)
    await until(() => zoom()?.topic === 'Moved elsewhere')
    expect(zoom()?.duration).toBe(30)

    await expect(act('vint', 'list')).rejects.toThrow('ErrorFolderNotFound')
    delegate.edits = [tim.emailAddress]
    expect(await act('vint', 'list')).toMatchObject([{ id, note }])
    await move('vint', at(5).start)

    await act('vint', 'remove', id)
    await until(() => zoom() === undefined)

    // The add-in has scheduled it, and that program saves it.
    const made = newKey()
    const facts = { ...quarterlyReview, subject: 'Created', recurring: false }
    const { body: meeting } = await putMeeting(identity.service.origin, bearer, made, facts)
    const created = () => identity.world.zoom.meetings().find(({ id }) => String(id) === meeting.id)
    const written = JSON.stringify({ zoomMeeting: JSON.stringify({ key: made }) })
    await act('tim', 'create', 'Created elsewhere', at(7).start, written)
    await until(() => created()?.topic === 'Created elsewhere')
    expect(Date.parse(created()?.start_time ?? '')).toBe(Date.parse(at(7).start))

    const all = identity.world.graph.calendars.all(tim.emailAddress)
    const [{ appointment }] = all as [(typeof all)[number]]
    identity.world.graph.calendars.put({ ...appointment, recurrence: weekly, ...at(8) })
    await until(() => created()?.type === 3)
    const changes = () =>
      identity.world.faults.calls().filter(({ call }) => /(PATCH|DELETE) .v2.meetings/.test(call)).length
    const before = changes()
    const followed = () => identity.world.logged.filter((line) => line.includes('"event followed"')).length
    const [second] = (await act('tim', 'list')).slice(1)
    const heard = followed()
    await act('tim', 'move', String(second?.id), at(9).start)
    await until(() => followed() > heard)
    expect(await act('tim', 'list')).toContainEqual(expect.objectContaining({ subject: 'Moved elsewhere' }))
    expect(changes()).toBe(before)
    expect(created()).toMatchObject({ topic: 'Created elsewhere', type: 3 })
    expect(accounts[0]?.failed).toBe(0)
  },
)
