import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  type Client,
  type ClientId,
  clients,
  lackOfAddIns,
  refusal,
} from '../../../src/simulator/outlook/clients.ts'
import { has } from '../../../src/simulator/outlook/host/supported.ts'
import { transportOf } from '../../../src/simulator/outlook/host/transports.ts'
import { leaveOnlyKnown } from '../../../src/simulator/outlook/realm/globals.ts'
import { seriesTime } from '../../../src/simulator/outlook/realm/series-time.ts'
import { type Mailbox, mailboxes } from '../../../src/simulator/people.ts'

const online: Mailbox = mailboxes['exchange-online']
const onPremises: Mailbox = mailboxes['exchange-2019']
const every = Object.keys(clients) as ClientId[]
const those = (holds: (client: Client) => boolean) => every.filter((id) => holds(clients[id]))

test('new Outlook does not open a mailbox on premises, phones open it without add-ins, and each gives the reason', () => {
  expect(those((client) => refusal(client, onPremises) !== undefined)).toEqual(['windows'])
  expect(those((client) => lackOfAddIns(client, onPremises) !== undefined)).toEqual(['ios', 'android'])
  expect(lackOfAddIns(clients.ios, onPremises)).toBe(
    'Outlook on iOS has no add-ins for mailboxes on premises.',
  )
  expect(refusal(clients.windows, onPremises)).toBe(
    'New Outlook on Windows does not open mailboxes on premises.',
  )
  expect(those((client) => refusal(client, online) !== undefined)).toEqual([])
})

describe('what an Outlook answers', () => {
  const answering = (call: string, mailbox: Mailbox) => those((client) => has({ client, mailbox }, call))
  const desks = ['web', 'windows', 'windows-classic', 'mac']

  test.each([
    ['subject.getAsync', every],
    ['item.loadCustomPropertiesAsync', every],
    ['notificationMessages.addAsync', desks],
    ['recurrence.getAsync', desks],
    ['enhancedLocation.addAsync', desks],
    ['sessionData.setAsync', desks],
  ])('online, %s', (call, expected) => {
    expect(answering(call, online)).toEqual(expected)
  })

  test('on premises depends on the program, and on the web on the server', () => {
    const able = answering('enhancedLocation.addAsync', onPremises)
    expect(able).toEqual(['windows-classic', 'mac'])
    expect(answering('notificationMessages.addAsync', onPremises)).toContain('web')
  })
})

describe('a program’s Office.js', () => {
  const says = (id: ClientId, message: object) => transportOf(clients[id], '').read(message)
  const execute = (id: number, ...apiArgs: unknown[]) => ({
    methodId: 1,
    params: { id, apiArgs },
    callbackId: 'c1',
  })
  const start = { TimeProperty: 1, time: 5 }

  test.each(['windows-classic', 'mac', 'ios', 'android'] as const)(
    '%s: parameters have places, and the rest is JSON',
    (id) => {
      expect(says(id, execute(25, 1, 5))?._data).toMatchObject({ ApiParams: start })
      expect(says(id, execute(155, '{"enhancedLocations":[]}'))?._data).toMatchObject({
        ApiParams: { enhancedLocations: [] },
      })
      expect(says(id, execute(21, 0, [['ada@contoso.example', 'Ada']]))?._data).toMatchObject({
        ApiParams: { recipientArray: [{ address: 'ada@contoso.example', name: 'Ada' }] },
      })
      expect(says(id, execute(4, '{"meeting":"m1"}'))?._data).toMatchObject({
        ApiParams: { customProperties: { meeting: 'm1' } },
      })
    },
  )

  test('gets an event in the order of its own protocol', () => {
    const heard = (id: ClientId) => {
      const transport = transportOf(clients[id], '')
      const asked = transport.read({ methodId: 2, params: { id: 48, targetId: '' }, callbackId: 'c2' })
      return asked && transport.event(asked, ['{}'])
    }
    expect(heard('mac')).toEqual({ native: 'event', callbackId: 'c2', payload: [['{}'], 48] })
    expect(heard('android')).toEqual({ native: 'event', callbackId: 'c2', payload: [48, ['{}']] })
  })

  test('gets a refusal as a number without data', () => {
    const transport = transportOf(clients.ios, '')
    const asked = transport.read(execute(18))
    expect(asked && transport.answer(asked, { error: true, errorCode: 9020 })).toMatchObject({
      payload: [0, ['{}', 9020, '{}']],
    })
  })

  test('sends no other message that the host reads', () => {
    expect(says('ios', { methodId: 99, params: null })).toBeUndefined()
    expect(says('web', execute(18))).toBeUndefined()
  })
})

describe('the JavaScript-only runtime', () => {
  test('has the language and the globals that Microsoft names, and nothing else', () => {
    const realm = createContext({ fetch() {}, document: {}, crypto: {}, importScripts() {} })
    leaveOnlyKnown(runInContext('globalThis', realm))
    const types = 'typeof fetch + typeof Promise + typeof document + typeof crypto + typeof importScripts'
    expect(runInContext(types, realm)).toBe('functionfunctionundefinedundefinedundefined')
  })

  test('gives a series’ times as Office.js does', () => {
    const day = { startYear: 2026, startMonth: 12, startDay: 1 } as const
    const series = seriesTime({ ...day, startTimeMin: 600, durationMin: 30, noEndDate: true })
    expect([series.getStartDate(), series.getStartTime(), series.getEndTime(), series.getEndDate()]).toEqual([
      '2026-12-01',
      'T10:00:00.000',
      'T10:30:00.000',
      null,
    ])
  })
})
