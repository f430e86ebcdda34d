import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPostgres, openWorld, type World } from '../kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

describe.skipIf(!hasPostgres)('a meeting that is updated in the pane', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    ada = person(world, (await world.startService(settings)).origin)
    await ada.connect()
  })
  afterAll(() => world.close())

  const waiting = `name = 'events' and state = 'created' and group_tier = 'pass'
    and start_after between now() + interval '3 hours' and now() + interval '5 hours'`
  const jobs = async () => (await world.sql(`select from pgboss.job where ${waiting}`)).length
  const hoursLater = () =>
    world.sql(`update pgboss.job set start_after = now(), priority = 0 where ${waiting}`)
  const followed = () => world.logged.filter((line) => /event followed|divergence repaired/.test(line)).length

  test('is as its appointment hours later, if that was closed without being saved', async () => {
    const one = await scheduledBy(ada)
    for (const subject of ['Discarded', 'Discarded too'])
      expect((await ada.put(one.key, { subject, start: at(9).start })).status).toBe(200)
    expect(one.zoom()?.topic).toBe('Discarded too')
    await until(async () => (await jobs()) === 1)
    await hoursLater()
    await until(() => one.zoom()?.topic === one.saved.subject)
    expect(Date.parse(String(one.zoom()?.start_time))).toBe(Date.parse(one.saved.start))
  })

  test('stays so if the appointment was saved', async () => {
    const one = await scheduledBy(ada)
    const changed = { subject: 'Kept', start: at(9).start }
    expect((await ada.put(one.key, changed)).status).toBe(200)
    await until(async () => (await jobs()) === 1)
    const before = followed()
    one.change({ ...changed, ...at(9) })
    await until(() => followed() > before)
    await hoursLater()
    await until(() => followed() > before + 1)
    expect(one.zoom()?.topic).toBe('Kept')
  })

  test('is not read again if nothing changed, or if its calendar is not connected', async () => {
    const put = async (key: string, facts: object) => expect((await ada.put(key, facts)).status).toBe(200)
    const [one, other] = [await scheduledBy(ada), await scheduledBy(ada)]
    const { subject, start } = one.saved
    await put(one.key, { subject, start, minutes: 30 })
    await put(other.key, { subject: 'Other' })
    await until(async () => (await jobs()) > 0)
    expect(await jobs()).toBe(1)
    await ada.disconnect()
    await until(async () => (await world.sql('select from watches')).length === 0)
    await put(one.key, { subject: 'Alone' })
    await ada.connect()
    const third = await scheduledBy(ada)
    await put(third.key, { subject: 'Third' })
    await until(async () => (await jobs()) > 0)
    expect(await jobs()).toBe(1)
  })
})
