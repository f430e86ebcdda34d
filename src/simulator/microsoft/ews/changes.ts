import { randomUUID } from 'node:crypto'
import type { Calendars, Kept } from '../../calendars.ts'
import type { Shown } from '../graph/view.ts'
import { itemIdXml, notesIn } from './items.ts'
import type { Asked, Said } from './soap.ts'

const instant = (time: string) => `${new Date(time).toISOString().slice(0, 19)}Z`

/** A message in an Inbox. */
export interface Message {
  subject: string
  text: string
}

/** Each property that can be set: where its new value is, and what it is then in a saved appointment. */
const settable: Readonly<Record<string, { at: string; as(value: string): Record<string, unknown> }>> = {
  'item:Subject': { at: 't:Subject', as: (subject) => ({ subject }) },
  'calendar:Start': { at: 't:Start', as: (start) => ({ start: instant(start) }) },
  'calendar:End': { at: 't:End', as: (end) => ({ end: instant(end) }) },
  'calendar:StartTimeZone': { at: 't:StartTimeZone/@Id', as: (timeZone) => ({ timeZone }) },
  // An appointment here has one zone.
  'calendar:EndTimeZone': { at: 't:EndTimeZone/@Id', as: () => ({}) },
}

/**
 * What another program changes in a mailbox. `find`: the item of an id in the mailbox of this owner. Sources: [MS-OXWSCORE]
 * `CreateItem`,
 * `UpdateItem`, `DeleteItem`.
 */
export function createChanges(
  calendars: Calendars,
  find: (owner: string, id: string) => Shown | undefined,
  inboxes: Map<string, Message[]>,
): Readonly<Record<'CreateItem' | 'UpdateItem' | 'DeleteItem', (owner: string, asked: Asked) => Said[]>> {
  function updateOne(owner: string, asked: Asked, path: string): Said {
    const found = find(owner, asked.value(`${path}/t:ItemId/@Id`) ?? '')
    if (!found) return { code: 'ErrorItemNotFound', inside: '<m:Items/>' }
    let appointment = changeable(found)
    const updates = asked.all(`${path}/t:Updates/*`)
    for (const [index] of updates.entries()) {
      const update = `${path}/t:Updates/*[${index + 1}]`
      const field = settable[asked.value(`${update}/self::t:SetItemField/t:FieldURI/@FieldURI`) ?? '']
      const value = field && asked.value(`${update}/t:CalendarItem/${field.at}`)
      if (!field || value === undefined) return { code: 'ErrorInvalidPropertySet', inside: '<m:Items/>' }
      appointment = { ...appointment, ...field.as(value) }
    }
    const kept = calendars.put(appointment, owner)
    return {
      code: 'NoError',
      inside: `<m:Items><t:CalendarItem>${itemIdXml(kept)}</t:CalendarItem></m:Items><m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>`,
    }
  }

  /** An appointment in the mailbox's own calendar, with the note of an add-in, if the request has one. */
  function createOne(owner: string, asked: Asked, path: string): Said {
    const said = Object.values(settable).flatMap(({ at, as }) => {
      const value = asked.value(`${path}/${at}`)
      return value === undefined ? [] : [as(value)]
    })
    const customProperties = notesIn(asked.all(`${path}/t:ExtendedProperty/t:ExtendedFieldURI`), (index) =>
      asked.value(`${path}/t:ExtendedProperty[${index + 1}]/t:Value`),
    )
    const kept = calendars.put(
      Object.assign({ id: randomUUID(), timeZone: 'UTC', customProperties }, ...said),
      owner,
    )
    return {
      code: 'NoError',
      inside: `<m:Items><t:CalendarItem>${itemIdXml(kept)}</t:CalendarItem></m:Items>`,
    }
  }

  return {
    /** A message that is saved in the mailbox's own Inbox, or an appointment that is sent to nobody. */
    CreateItem(owner, asked) {
      if (asked.value('@SendMeetingInvitations') === 'SendToNone')
        return asked
          .all('m:Items/t:CalendarItem')
          .map((_, index) => createOne(owner, asked, `m:Items/t:CalendarItem[${index + 1}]`))
      const isSaved = asked.value('@MessageDisposition') === 'SaveOnly'
      const folder = asked.value('m:SavedItemFolderId/t:DistinguishedFolderId/@Id')
      const subject = asked.value('m:Items/t:Message/t:Subject')
      const text = asked.value('m:Items/t:Message/t:Body')
      if (!isSaved || folder !== 'inbox' || subject === undefined || text === undefined)
        return [{ code: 'ErrorInvalidOperation' }]
      const messages = inboxes.get(owner) ?? []
      inboxes.set(owner, [...messages, { subject, text }])
      const id = Buffer.from(`message ${owner} ${messages.length}`).toString('base64')
      return [
        {
          code: 'NoError',
          inside: `<m:Items><t:Message><t:ItemId Id="${id}" ChangeKey="CQAA"/></t:Message></m:Items>`,
        },
      ]
    },

    UpdateItem: (owner, asked) =>
      asked
        .all('m:ItemChanges/t:ItemChange')
        .map((_, index) => updateOne(owner, asked, `m:ItemChanges/t:ItemChange[${index + 1}]`)),

    DeleteItem: (owner, asked) =>
      asked.all('m:ItemIds/t:ItemId').map((named) => {
        const found = find(owner, named.attr('Id')?.value ?? '')
        const isGone = found && calendars.delete(found.kept.appointment.id)
        return { code: isGone ? 'NoError' : 'ErrorItemNotFound' }
      }),
  }
}

/** What is saved of an item that changes. An occurrence of a series becomes one of its own. */
function changeable({ kept: { appointment }, event }: Shown): Kept['appointment'] {
  if (!event.isOccurrence) return appointment
  const { seriesId, originalStart, subject, start, end, timeZone } = event
  return { id: randomUUID(), seriesId, originalStart, subject, start, end, timeZone }
}
