import { describe, expect, test } from 'vitest'
import { Faults } from '../../../src/simulator/kit/faults.ts'
import { clients } from '../../../src/simulator/outlook/clients.ts'
import { deviating } from '../../../src/simulator/outlook/frame/members.ts'
import { goOffline } from '../../../src/simulator/outlook/frame/offline.ts'
import { answered } from '../../../src/simulator/outlook/host/answers.ts'
import { OpenItem } from '../../../src/simulator/outlook/host/open-item.ts'
import { membersOf } from '../../../src/simulator/outlook/host/supported.ts'
import { fresh } from '../../../src/simulator/outlook/item/appointment.ts'
import { quirksFrom } from '../../../src/simulator/outlook/quirks.ts'

const quirks = (address: string) => quirksFrom(new URLSearchParams(address))

describe('a fault that is an answer', () => {
  const saved: string[] = []
  const save = () => {
    saved.push('saved')
    return { name: 'W. Europe Standard Time', rule: { interval: 1, days: ['tue'] } }
  }
  const answersTo = async (answer: Parameters<typeof answered>[0]) => {
    saved.length = 0
    return { value: await answered(answer, save), saved: saved.length }
  }

  test('succeeds with null, empty or without a value, without doing the work', async () => {
    expect(await answersTo({ value: null })).toEqual({ value: null, saved: 0 })
    expect(await answersTo({ value: '' })).toEqual({ value: '', saved: 0 })
    expect(await answersTo({})).toEqual({ value: undefined, saved: 0 })
  })

  test('can come after the work', async () => {
    expect(await answersTo({ value: 'another form', afterwards: true })).toEqual({
      value: 'another form',
      saved: 1,
    })
  })

  test('can change or remove members of the usual answer', async () => {
    expect(await answersTo({ merge: { name: '', rule: { days: null } } })).toEqual({
      value: { name: '', rule: { interval: 1 } },
      saved: 1,
    })
  })

  test('applies to Office.js’s own calls only by their exact name', () => {
    const faults = new Faults()
    faults.add(
      { vendor: 'outlook', silence: true },
      { vendor: 'outlook', match: 'GetInitialData', answer: {} },
    )
    expect(faults.nextFor('outlook', 'GetInitialData')).toMatchObject({ answer: {} })
    expect(faults.nextFor('outlook', 'GetInitialData')).toBeUndefined()
    expect(faults.calls()).toEqual([])
  })
})

describe('an item', () => {
  /** As Office.js defines its members: none can be changed. */
  const fixed = <T extends object>(members: T): T =>
    Object.defineProperties(
      {},
      Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { value }])),
    ) as T
  const item = fixed({ subject: fixed({ getAsync: () => 1 }), recurrence: fixed({ getAsync: () => 2 }) })

  test('can lack members, or functions of members', () => {
    const less = deviating(item, {
      missing: ['recurrence', 'subject.getAsync', 'body.getAsync'],
      throwing: [],
    })
    expect('recurrence' in less).toBe(false)
    expect(less.subject.getAsync).toBeUndefined()
    expect(item.subject.getAsync()).toBe(1)
  })

  test('can have functions that throw', () => {
    const worse = deviating(item, { missing: [], throwing: ['recurrence.getAsync'] })
    expect(() => worse.recurrence.getAsync()).toThrow('recurrence.getAsync')
    expect(worse.subject.getAsync()).toBe(1)
  })

  test('lacks members above Mailbox 1.5 on a phone; elsewhere Office.js has every member', () => {
    const missing = (client: keyof typeof clients) =>
      membersOf({ client: clients[client], quirks: quirks('') }).missing
    expect(missing('ios')).toEqual(
      expect.arrayContaining(['recurrence', 'seriesId', 'enhancedLocation', 'getItemIdAsync', 'sessionData']),
    )
    expect(missing('ios')).not.toContain('subject')
    expect(missing('android')).toEqual(missing('ios'))
    expect(missing('web')).toEqual([])
  })
})

describe('the address of the page', () => {
  test('sets ids, missing and throwing members, and the network', () => {
    expect(quirks('ids=changing&missing=recurrence,seriesId&throwing=recurrence.getAsync&offline')).toEqual({
      ids: 'changing',
      missing: ['recurrence', 'seriesId'],
      throwing: ['recurrence.getAsync'],
      offline: true,
    })
  })

  test('changes nothing without them, or with an unknown name', () => {
    const usual = { ids: 'stable', missing: [], throwing: [], offline: false }
    expect(quirks('')).toEqual(usual)
    expect(quirks('ids=toString')).toEqual(usual)
  })
})

describe('the id that an add-in gets', () => {
  const opened = (id: string | null) =>
    new OpenItem({ ...fresh('UTC', 0, new URLSearchParams()), id }, 'ada@contoso.example')

  test('of a new item can be empty or different until the item is opened again', () => {
    const unsaved = opened(null)
    expect(['stable', 'late', 'changing'].map((ids) => unsaved.idFor(ids as never))).toEqual([null, '', null])
    unsaved.set({ id: 'stored' })
    expect(unsaved.idFor('stable')).toBe('stored')
    expect(unsaved.idFor('late')).toBe('')
    expect(unsaved.idFor('changing')).toMatch(/^clientId:/)
    expect(unsaved.idFor('changing')).toBe(unsaved.idFor('changing'))
  })

  test('of an item that was saved before is the mailbox’s', () => {
    for (const ids of ['stable', 'late', 'changing'] as const)
      expect(opened('stored').idFor(ids)).toBe('stored')
  })
})

test('in an offline page navigator.onLine is false, and requests fail', async () => {
  const scope = { navigator: { onLine: true }, fetch: () => Promise.resolve('an answer') }
  goOffline(scope)
  expect(scope.navigator.onLine).toBe(false)
  await expect(scope.fetch()).rejects.toThrow(TypeError)
})
