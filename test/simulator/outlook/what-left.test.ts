import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../../src/simulator/kit/ledger.ts'
import { whatLeft } from '../../../src/simulator/outlook/page/what-left.ts'

const recorded = (...entries: LedgerEntry[]) =>
  entries.map((entry, index) => ({ ...entry, number: index + 1, at: '2026-11-23T17:00:00.000Z' }))
const called = (call: string): LedgerEntry => ({ kind: 'outlook', runtime: 'command', call })
const asked = (body: unknown): LedgerEntry => ({
  kind: 'service',
  method: 'PUT',
  path: '/meetings/1',
  headers: {},
  body,
})

test('without calls, nothing has left the mailbox', () => {
  expect(whatLeft([])).toBe('Nothing has left the mailbox.')
  expect(whatLeft(recorded(called('body.prependAsync')))).toBe('Nothing has left the mailbox.')
})

test('the five facts and what stayed are named', () => {
  const reads = ['subject', 'start', 'end', 'recurrence'].map((field) => called(`${field}.getAsync`))
  const facts = { subject: 'Tea', start: '', minutes: 30, timeZone: '', recurring: false }
  expect(whatLeft(recorded(...reads, asked(facts)))).toBe(
    'The add-in read the title, start, end and repetition and sent the service subject, start, minutes, timeZone and recurring. Attendees, body and location stayed in the mailbox.',
  )
})

test('private parts are named when they are read', () => {
  expect(whatLeft(recorded(called('body.getAsync'), called('requiredAttendees.getAsync')))).toBe(
    'The add-in read the body and attendees and sent the service nothing. Location stayed in the mailbox.',
  )
})

test('a header that no browser adds is named', () => {
  const headers = {
    'accept-language': 'en',
    authorization: '[withheld]',
    'sec-ch-ua': '',
    'on-behalf-of': 'alan',
  }
  const request = { ...asked({ subject: 'Tea' }), headers } as LedgerEntry
  expect(whatLeft(recorded(called('item.getSharedPropertiesAsync'), request))).toContain(
    'read the owner of the calendar and sent the service subject and on-behalf-of.',
  )
})

test('nested values are named by their own names', () => {
  expect(whatLeft(recorded(asked({ appointment: { subject: 'Tea' }, days: ['mon'] })))).toContain(
    'sent the service subject and days.',
  )
})
