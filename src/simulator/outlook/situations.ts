import type { Fault, Faults } from '../kit/faults.ts'
import type { Situations } from '../vendor.ts'

/** What people meet with Outlook: id → what it is called, and the faults by which the simulated Outlook does it. */
const rows: Record<string, { says: string; faults: Omit<Fault, 'vendor'>[] }> = {
  'repetition-unknown': {
    says: 'Outlook does not say whether it repeats: null',
    faults: [{ match: 'recurrence.getAsync', answer: { value: null }, times: 'always' }],
  },
  'repetition-silent': {
    says: 'Outlook never answers whether it repeats',
    faults: [{ match: 'recurrence.getAsync', silence: true, times: 'always' }],
  },
  'series-unknown': {
    says: 'Outlook does not say which series an occurrence is of',
    faults: [{ match: 'GetInitialData', answer: { merge: { seriesId: null } }, times: 'always' }],
  },
  'title-null': {
    says: 'The title is null',
    faults: [{ match: 'subject.getAsync', answer: { value: null }, times: 'always' }],
  },
  'title-missing': {
    says: 'The title is missing',
    faults: [{ match: 'subject.getAsync', answer: {}, times: 'always' }],
  },
  'time-zone-empty': { says: 'The mailbox’s time zone is empty', faults: [timeZone('')] },
  'time-zone-missing': { says: 'The mailbox’s time zone is missing', faults: [timeZone(null)] },
  'time-zone-localized': {
    says: 'The mailbox’s time zone is in French',
    faults: [timeZone('Europe de l’Ouest')],
  },
  'time-zone-long': { says: 'The mailbox’s time zone has 65 letters', faults: [timeZone('Z'.repeat(65))] },
  'series-time-zone-empty': {
    says: 'A series’ own time zone is empty',
    faults: [
      {
        match: 'recurrence.getAsync',
        answer: { merge: { recurrenceTimeZone: { name: '' } } },
        times: 'always',
      },
    ],
  },
  'location-refused': {
    says: 'Outlook refuses every change of the location (7000)',
    faults: [{ match: 'enhancedLocation.addAsync', code: 7000, times: 'always' }],
  },
  'properties-refused-once': {
    says: 'The first save of properties fails (9020)',
    faults: [{ match: 'customProperties.saveAsync', code: 9020 }],
  },
  'properties-not-kept': {
    says: 'Outlook reports that it saved the properties, and does not keep them',
    faults: [{ match: 'customProperties.saveAsync', answer: {}, times: 'always' }],
  },
  'identity-token-empty': {
    says: 'The Exchange server’s identity token is empty',
    faults: [{ match: 'mailbox.getUserIdentityTokenAsync', answer: { value: '' }, times: 'always' }],
  },
}

/** Source: `initialData` in `host/start-up.ts`; null: missing. */
function timeZone(userTimeZone: string | null): Omit<Fault, 'vendor'> {
  return { match: 'GetInitialData', answer: { merge: { userTimeZone } }, times: 'always' }
}

export const situations = (faults: Faults): Situations =>
  Object.fromEntries(
    Object.entries(rows).map(([id, { says, faults: wanted }]) => [
      `outlook-${id}`,
      { says, begin: () => faults.add(...wanted.map((fault) => ({ vendor: 'outlook', ...fault }))) },
    ]),
  )
