import { describe, expect, test } from 'vitest'
import { Appointment, appointmentSchema } from '../../src/contract/appointment.ts'
import { Problem } from '../../src/contract/problems.ts'

const facts = {
  subject: 'Quarterly review',
  start: '2030-12-03T09:00:00Z',
  minutes: 30,
  timeZone: 'W. Europe Standard Time',
  recurring: false,
}

function refusal(input: unknown): Problem {
  try {
    Appointment.from(input)
  } catch (error) {
    if (error instanceof Problem) return error
  }
  throw new Error('The appointment was taken')
}

describe('an appointment', () => {
  test('has the five facts, and crosses the wire unchanged', () => {
    const appointment = Appointment.from(facts)
    expect(JSON.parse(JSON.stringify(appointment))).toEqual(facts)
    expect(Appointment.from(JSON.parse(JSON.stringify(appointment))).equals(appointment)).toBe(true)
    expect(Object.keys(appointmentSchema.properties)).toEqual(Object.keys(facts))
  })

  test.each(['attendees', 'body', 'location', 'organizer', 'id', '__proto__', 'constructor', 'toString'])(
    'has no sixth fact: %s',
    (sixth) => {
      expect(refusal(JSON.parse(`{${JSON.stringify(facts).slice(1, -1)},"${sixth}":"x"}`)).code).toBe(
        'invalid_appointment',
      )
    },
  )

  test.each(['subject', 'start', 'minutes', 'recurring'])(
    'is refused without its %s, and says so',
    (field) => {
      const { [field as keyof typeof facts]: _, ...rest } = facts
      expect(refusal(rest).details).toMatchObject({ field, why: 'is missing' })
    },
  )

  test.each([
    ['subject', 5],
    ['subject', 'x'.repeat(256)],
    ['subject', null],
    ['start', '2030-12-03T10:00:00+01:00'],
    ['start', '2030-02-30T09:00:00Z'],
    ['start', '2030-12-03T09:00:00.000Z'],
    ['start', '2030-12-03T09:00:00Z\n'],
    ['minutes', -1],
    ['minutes', 1.5],
    ['minutes', '30'],
    ['minutes', Number.NaN],
    ['minutes', 525_601],
    ['recurring', 'yes'],
    ['recurring', 0],
  ])('is refused with %s %j, naming the field and not repeating the value', (field, value) => {
    const problem = refusal({ ...facts, [field]: value })
    expect(problem.details.field).toBe(field)
    if (typeof value === 'string' && value.length > 3)
      expect(JSON.stringify(problem.details)).not.toContain(value)
  })

  test.each([
    '',
    'Mitteleuropäische Zeit',
    'Heure d’Europe centrale',
    'Hora estándar romance',
    '東京 (標準時)',
    'W. Europe Standard Time'.padEnd(65, '.'),
    '<script>',
    'bob@fabrikam.example',
    null,
    undefined,
    5,
    {},
  ])('has no time zone where Outlook names none that Windows has: %j', (timeZone) => {
    expect(Appointment.from({ ...facts, timeZone }).timeZone).toBe('')
  })

  test('needs no time zone', () => {
    const { timeZone: _, ...rest } = facts
    expect(Appointment.from(rest)).toEqual({ ...facts, timeZone: '' })
  })

  test.each([null, undefined, 5, 'text', [facts], []])('is an object and not %j', (input) => {
    expect(refusal(input).code).toBe('invalid_appointment')
  })

  test('does not repeat an unknown field that carries text in its name', () => {
    expect(JSON.stringify(refusal({ ...facts, 'bob@fabrikam.example': 1 }).details)).not.toContain('bob')
  })
})
