import type { Location, Recipient } from '../item/appointment.ts'
import { first, locations, locationsText, longestLocation, reschedule } from '../item/appointment.ts'
import { asHtml, escaped } from '../item/html.ts'
import { mostNotifications, type Notification, notificationTypes } from '../item/notifications.ts'
import type { Recurrence } from '../item/recurrence.ts'
import { exchangeToken } from '../server.ts'
import { mayWrite } from '../shared-calendars.ts'
import { enhanced } from './events.ts'
import { refuse } from './office-error.ts'
import type { OpenItem } from './open-item.ts'
import type { Runtime } from './runtime.ts'
import type { Setting } from './setting.ts'

/** What a call can read and change. */
export interface Asked {
  item: OpenItem
  runtime: Runtime
  host: {
    setting: Setting
    closeItem(): void
    openWindow(url: string): void
    saveRoamingSettings(settings: Record<string, string>): void
  }
}

/** A member of Office.js, on the host's side. */
export interface Call {
  /** The member's name in Office.js. Some ids serve several members; a parameter tells which. */
  name(params: unknown): string
  /** Returns the value for the add-in's callback; throws an `OfficeError` to refuse. */
  does(asked: Asked, params: unknown): unknown
  /** The order of the parameters in programs, which send no names, and how each is decoded. */
  places?: Places
  /** The form of the answer, if it is not the usual one. */
  answer?: 'token' | 'properties' | 'ews'
}

type Places = Record<string, (given: unknown) => unknown>

const asIs = (given: unknown) => given
const fromJson = (given: unknown) => JSON.parse(String(given))
/** Programs send people as pairs of address and name. */
const fromPairs = (given: unknown) => (given as string[][]).map(([address, name]) => ({ address, name }))

const textPlaces: Places = { data: asIs, coercionType: asIs }
const peoplePlaces: Places = { recipientField: asIs, recipientArray: fromPairs }
const notificationPlaces: Places = { key: asIs, type: asIs, persistent: asIs, message: asIs, icon: asIs }

/** Dispatch id → call, for every Outlook call of Office.js on an appointment in the compose form. */
export const calls: Record<number, Call> = {
  18: call('subject.getAsync', ({ item }) => item.appointment.subject),
  17: call('subject.setAsync', ({ item }, { subject }: { subject: string }) => item.set({ subject }), {
    subject: asIs,
  }),
  24: call(
    (p: OfTime) => `${times[p.TimeProperty]}.getAsync`,
    ({ item }, p) => Date.parse(item.appointment[times[p.TimeProperty]]),
    { TimeProperty: asIs },
  ),
  25: call((p: OfTime & { time: number }) => `${times[p.TimeProperty]}.setAsync`, setTime, {
    TimeProperty: asIs,
    time: asIs,
  }),
  169: call('isAllDayEvent.getAsync', ({ item }) => item.appointment.allDay),
  170: call('isAllDayEvent.setAsync', ({ item }, p: { isAllDayEvent: boolean }) =>
    item.set({ allDay: p.isAllDayEvent }),
  ),
  103: call('recurrence.getAsync', ({ item }) => item.appointment.recurrence),
  104: call('recurrence.setAsync', ({ item }, p: { recurrenceData: Recurrence | null }) => {
    if (item.appointment.seriesId) refuse('recurrenceOnOccurrence')
    item.set({ recurrence: p.recurrenceData })
  }),

  26: call('location.getAsync', ({ item }) => item.location),
  27: call(
    'location.setAsync',
    ({ item }, p: { location: string }) => place(item, locations(p.location, item.appointment.locations)),
    { location: asIs },
  ),
  154: call('enhancedLocation.getAsync', ({ item }) => item.appointment.locations.map(enhanced)),
  155: call('enhancedLocation.addAsync', ({ item }, { enhancedLocations: added }: OfLocations) =>
    place(item, [
      ...without(item.appointment.locations, added),
      ...added.map(({ id, type }) => ({ id, type, displayName: id })),
    ]),
  ),
  156: call('enhancedLocation.removeAsync', ({ item }, { enhancedLocations: removed }: OfLocations) =>
    item.set({ locations: without(item.appointment.locations, removed) }),
  ),

  14: call('body.getTypeAsync', ({ item }) => item.appointment.bodyType),
  37: call(
    'body.getAsync',
    ({ item }, { coercionType }: { coercionType: number }) =>
      coercionType === html ? item.appointment.body : item.editor.text(),
    { coercionType: asIs },
  ),
  38: call('body.setAsync', ({ item }, p: OfText) => item.editor.set(markup(item, p)), textPlaces),
  23: call(
    'body.prependAsync',
    ({ item }, p: OfText) => item.editor.set(markup(item, p) + item.appointment.body),
    textPlaces,
  ),
  13: call(
    'body.setSelectedDataAsync',
    ({ item }, p: OfText) => item.editor.insert(markup(item, p)),
    textPlaces,
  ),
  29: call(
    'item.setSelectedDataAsync',
    ({ item }, p: OfText) => item.editor.insert(markup(item, p)),
    textPlaces,
  ),
  28: call(
    'item.getSelectedDataAsync',
    ({ item }) => {
      const data = item.editor.selectedText()
      return { data, sourceProperty: 'body', startPosition: 0, endPosition: data.length }
    },
    { coercionType: asIs },
  ),
  100: call('body.appendOnSendAsync', ({ item }, p: { appendTxt: string; coercionType: number }) =>
    item.set({
      appendOnSend: p.appendTxt && markup(item, { data: p.appendTxt, coercionType: p.coercionType }),
    }),
  ),
  173: call('body.setSignatureAsync', ({ item }, p: OfText) =>
    item.editor.set(`${item.appointment.body}<div id="Signature">${markup(item, p)}</div>`),
  ),
  175: call('item.isClientSignatureEnabledAsync', () => false),
  176: call('item.disableClientSignatureAsync', () => {}),

  15: call(
    (p: OfPeople) => `${fields[p.recipientField].member}.getAsync`,
    ({ item }, p) => item.appointment[fields[p.recipientField].people].map(attendee),
    { recipientField: asIs },
  ),
  21: call(
    (p: OfPeople & { recipientArray: Recipient[] }) => `${fields[p.recipientField].member}.setAsync`,
    ({ item }, p) => item.set({ [fields[p.recipientField].people]: p.recipientArray.map(recipient) }),
    peoplePlaces,
  ),
  22: call(
    (p: OfPeople & { recipientArray: Recipient[] }) => `${fields[p.recipientField].member}.addAsync`,
    ({ item }, p) => {
      const { people } = fields[p.recipientField]
      item.set({ [people]: [...item.appointment[people], ...p.recipientArray.map(recipient)] })
    },
    peoplePlaces,
  ),
  107: call('organizer.getAsync', ({ host: { setting } }) => {
    const { emailAddress: address, displayName: name } = setting.owner ?? setting.mailbox
    return { address, name, appointmentResponse: 1, recipientType: 2 }
  }),

  33: call(
    'notificationMessages.addAsync',
    ({ item }, p: OfNotification) => {
      if (item.get().notifications.some(({ key }) => key === p.key)) refuse('duplicateNotificationKey')
      show(item, p)
    },
    notificationPlaces,
  ),
  35: call(
    'notificationMessages.replaceAsync',
    ({ item }, p: OfNotification) => show(item, p),
    notificationPlaces,
  ),
  36: call(
    'notificationMessages.removeAsync',
    ({ item }, { key }: { key: string }) => {
      const left = item.get().notifications.filter((n) => n.key !== key)
      if (left.length === item.get().notifications.length) refuse('notificationKeyNotFound')
      item.change({ notifications: left })
    },
    { key: asIs },
  ),
  34: call('notificationMessages.getAllAsync', ({ item }) => item.get().notifications),

  3: {
    ...call('item.loadCustomPropertiesAsync', ({ item }) => item.appointment.customProperties),
    answer: 'properties',
  },
  4: call(
    'customProperties.saveAsync',
    ({ item }, p: { customProperties: Record<string, unknown> }) => {
      if (JSON.stringify(p.customProperties).length > 2500) refuse('genericResponseError')
      item.set({ customProperties: p.customProperties })
    },
    { customProperties: fromJson },
  ),
  185: call('sessionData.setAsync', ({ item }, { name, value }: { name: string; value: string }) => {
    const sessionData = { ...item.get().sessionData, [name]: value }
    if (JSON.stringify(sessionData).length > 50_000) refuse('sessionDataTooLong')
    item.change({ sessionData })
  }),
  186: call('sessionData.getAsync', ({ item }, { name }: { name: string }) => {
    return item.get().sessionData[name] ?? refuse('keyNotFound')
  }),
  187: call('sessionData.getAllAsync', ({ item }) => item.get().sessionData),
  188: call('sessionData.clearAsync', ({ item }) => item.change({ sessionData: {} })),
  189: call('sessionData.removeAsync', ({ item }, { name }: { name: string }) => {
    const { [name]: removed, ...sessionData } = item.get().sessionData
    if (removed === undefined) refuse('keyNotFound')
    item.change({ sessionData })
  }),
  404: call('roamingSettings.saveAsync', ({ host }, [settings]: [Record<string, string>]) =>
    host.saveRoamingSettings(settings),
  ),

  32: call('item.saveAsync', async ({ item, host: { setting } }) => {
    if (!mayWrite(setting.owner)) refuse('saveError')
    await item.save().catch(() => refuse('saveError'))
    return item.idFor(setting.quirks.ids)
  }),
  164: call(
    'item.getItemIdAsync',
    ({ item, host: { setting } }) => item.idFor(setting.quirks.ids) ?? refuse('itemNotSaved'),
  ),
  99: call('item.getInitializationContextAsync', ({ runtime }) => runtime.context),
  108: call('item.getSharedPropertiesAsync', ({ host: { setting } }) => {
    const { emailAddress, delegatePermissions } = setting.owner ?? refuse('notSupportedForSharedFolders')
    return {
      owner: emailAddress,
      delegatePermissions,
      targetRestUrl: 'https://outlook.office.com/api',
      targetMailbox: emailAddress,
    }
  }),
  171: call('sensitivity.getAsync', ({ item }) => item.appointment.sensitivity),
  172: call('sensitivity.setAsync', ({ item }, p: { sensitivity: string }) => item.set(p)),
  157: call('categories.getAsync', ({ item }) =>
    item.appointment.categories.map((displayName) => ({ displayName, color: 'Preset0' })),
  ),
  158: call('categories.addAsync', ({ item }, { categories }: { categories: string[] }) =>
    item.set({ categories: [...new Set([...item.appointment.categories, ...categories])] }),
  ),
  159: call('categories.removeAsync', ({ item }, { categories }: { categories: string[] }) =>
    item.set({ categories: item.appointment.categories.filter((c) => !categories.includes(c)) }),
  ),
  149: call('item.getAttachmentsAsync', () => []),
  41: call('item.close', ({ host }) => host.closeItem()),

  2: { ...call('mailbox.getUserIdentityTokenAsync', (asked) => token(asked, 'identity')), answer: 'token' },
  12: {
    ...call('mailbox.getCallbackTokenAsync', (asked, { isRest = false }: { isRest?: boolean }) =>
      token(asked, 'callback', isRest),
    ),
    answer: 'token',
  },
  5: { ...call('mailbox.makeEwsRequestAsync', () => refuse('genericResponseError')), answer: 'ews' },
  403: call('window.open', ({ host }, { launchUrl }: { launchUrl: string }) => host.openWindow(launchUrl)),

  ...refused({
    16: 'item.addFileAttachmentAsync',
    19: 'item.addItemAttachmentAsync',
    20: 'item.removeAttachmentAsync',
    42: 'mailbox.CloseApp',
    43: 'mailbox.displayPersonaCardAsync',
    45: 'mailbox.navigateToModuleAsync',
    148: 'item.addFileAttachmentFromBase64Async',
    150: 'item.getAttachmentContentAsync',
    160: 'masterCategories.getAsync',
    161: 'masterCategories.addAsync',
    162: 'masterCategories.removeAsync',
  }),
}

/** Dispatch ids of Office.js's telemetry. They carry no data of the add-in and are not recorded. */
export const telemetry = new Set([40, 163, 193, 400, 401, 402])

/** A row of the table. Parameters come from the genuine Office.js, so they are not validated. */
function call<P>(
  name: string | ((params: P) => string),
  does: (asked: Asked, params: P) => unknown,
  places: Places = {},
): Call {
  return {
    name: (params) => (typeof name === 'string' ? name : name(params as P)),
    does: (asked, params) => does(asked, params as P),
    places,
  }
}

/** Members of Office.js that this host does not implement. */
function refused(members: Record<number, string>): Record<number, Call> {
  const rows = Object.entries(members).map(([id, name]) => [
    id,
    call(name, () => refuse('operationNotSupported')),
  ])
  return Object.fromEntries(rows)
}

/**
 * Only an Exchange server on premises still issues these tokens; a callback token only for a saved item in the person's
 * own calendar.
 * Source: Office Add-ins, "Nested app authentication FAQ"; `getCallbackTokenAsync`; "Shared folders".
 */
async function token({ item, host }: Asked, kind: 'identity' | 'callback', isRest = false): Promise<string> {
  const { mailboxId: mailbox, owner } = host.setting
  if (kind === 'callback' && (owner || !item.appointment.id)) refuse('genericTokenError')
  return (await exchangeToken({ mailbox, kind, isRest })) ?? refuse('genericTokenError')
}

type OfTime = { TimeProperty: 1 | 2 }
const times = { 1: 'start', 2: 'end' } as const

/** A new start moves the end too; an end before the start is refused. */
function setTime({ item }: Asked, { TimeProperty, time }: OfTime & { time: number }): void {
  const { start, end } = first(item.appointment)
  if (times[TimeProperty] === 'start') {
    item.set(reschedule(item.appointment, time, time + end - start))
  } else {
    if (time < start) refuse('invalidEndTime')
    item.set(reschedule(item.appointment, start, time))
  }
}

type OfText = { data: string; coercionType: number }
/** `coercionType` of HTML; everything else is text. */
const html = 3

/** Refuses HTML for a plain-text body. */
function markup({ appointment }: OpenItem, { data, coercionType }: OfText): string {
  if (appointment.bodyType === 'html') return coercionType === html ? data : asHtml(data)
  return coercionType === html ? refuse('internalFormatError') : escaped(data)
}

type OfPeople = { recipientField: 0 | 1 }
const fields = {
  0: { member: 'requiredAttendees', people: 'required' },
  1: { member: 'optionalAttendees', people: 'optional' },
} as const
const attendee = (person: Recipient) => ({ ...person, appointmentResponse: 0, recipientType: 3 })
const recipient = ({ name, address }: Recipient): Recipient => ({
  name: name || address,
  address: address || name,
})

type OfLocations = { enhancedLocations: Pick<Location, 'id' | 'type'>[] }
const without = (places: Location[], out: Pick<Location, 'id' | 'type'>[]) =>
  places.filter((place) => !out.some(({ id, type }) => id === place.id && type === place.type))

/** An add-in can make the whole location at most as long as a person can. The error's number is our assumption. */
function place(item: OpenItem, places: Location[]): void {
  if (locationsText(places).length > longestLocation) refuse('invalidParameterValue')
  item.set({ locations: places })
}

type OfNotification = Omit<Notification, 'type'> & { type: number }

/** Shows a line in the info bar, in place of the line with the same key. */
function show(item: OpenItem, { type, ...rest }: OfNotification): void {
  const line: Notification = { ...rest, type: notificationTypes[type] ?? refuse('invalidParameterValue') }
  const lines = item.get().notifications
  const has = lines.some(({ key }) => key === line.key)
  if (!has && lines.length >= mostNotifications) refuse('tooManyNotifications')
  item.change({ notifications: has ? lines.map((l) => (l.key === line.key ? line : l)) : [...lines, line] })
}
