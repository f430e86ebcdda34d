import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  attributes,
  calendarEventsFrom,
  type ReadEvent,
  sanitise,
} from '../../src/contract/calendar-event.ts'

const read: ReadEvent = {
  subject: ' Quarterly review ',
  start: '2026-11-23T14:00:00.0000000Z',
  end: '2026-11-23T14:45:00.0000000Z',
  allDay: false,
  location: 'Room Turing',
  rooms: [{ name: 'Room Turing', address: 'Turing@Contoso.example' }],
  text: ['Secret words. Join: https://acme.zoom.us/j/91234567890?pwd=abc. Dial +49 30 1234'],
}

test('of an event an app keeps title, time, join link, location and rooms, and nothing else', () => {
  expect(sanitise({ ...read, organizer: 'bob@contoso.example' } as ReadEvent)).toEqual({
    subject: 'Quarterly review',
    start: '2026-11-23T14:00:00Z',
    minutes: 45,
    allDay: false,
    joinLink: 'https://acme.zoom.us/j/91234567890?pwd=abc',
    location: 'Room Turing',
    rooms: 'Room Turing',
  })
})

test.each([
  [['turing@contoso.example'], true],
  [['hopper@contoso.example'], false],
  [[], false],
])('whether a Zoom Room is included is said where they are known: %j', (known, included) => {
  expect(sanitise(read, { rooms: new Set(known) }).zoomRoom).toBe(included)
  expect(sanitise(read)).not.toHaveProperty('zoomRoom')
})

test('an event with a time that is none is not shown at another one', () => {
  expect(() => sanitise({ ...read, end: 'tomorrow' })).toThrow('unexpected')
})

test('an answer of the service may have attributes of its next version, which are dropped', () => {
  const event = sanitise(read)
  expect(calendarEventsFrom({ events: [{ ...event, attendees: ['bob'] }] })).toEqual([event])
})

test.each([
  ['no list', {}],
  ['no start', { events: [{ ...sanitise(read), start: undefined }] }],
  [
    'a link elsewhere',
    { events: [{ ...sanitise(read), joinLink: 'https://zoom.us.evil.example/j/91234567890' }] },
  ],
  ['a script', { events: [{ ...sanitise(read), joinLink: 'javascript:alert(1)' }] }],
])('an answer of the service with %s is refused', (_, answer) => {
  expect(() => calendarEventsFrom(answer)).toThrow('unexpected')
})

/** The vendors' own descriptions, kept beside the checkout where they are. */
const published = (path: string) => new URL(`../../../shared/data/${path}`, import.meta.url)
const has = (path: string) => existsSync(published(path))
const schemas = (path: string) => JSON.parse(readFileSync(published(path), 'utf8')).components.schemas
const graph = 'graph/graph-v1.0.slice.patched.json'
const google = 'google/calendar-v3.slice.json'
const ews = 'ews/merged/types.xsd'

describe('every attribute that a provider describes is kept, read or dropped', () => {
  const named = ({ kept, read, dropped }: (typeof attributes)['microsoft' | 'exchange' | 'google']) =>
    [...kept, ...read, ...dropped].sort()

  test.skipIf(!has(graph))('in Microsoft 365', () => {
    const types = schemas(graph)
    const own = (name: string) => {
      const type = types[`microsoft.graph.${name}`]
      return Object.keys(type.properties ?? type.allOf[1].properties)
    }
    const described = new Set(['id', ...own('outlookItem'), ...own('event')])
    described.delete('@odata.type')
    expect(named(attributes.microsoft)).toEqual([...described].sort())
  })

  test.skipIf(!has(ews))('on an Exchange server', () => {
    const described = readFileSync(published(ews), 'utf8').matchAll(/value="((?:item|calendar):[A-Za-z]*)"/g)
    expect(named(attributes.exchange)).toEqual([...new Set([...described].map(([, name]) => name))].sort())
  })

  test.skipIf(!has(google))('at Google', () => {
    expect(named(attributes.google)).toEqual(Object.keys(schemas(google).Event.properties).sort())
  })
})
