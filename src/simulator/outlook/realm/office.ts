import { notificationTypes } from '../item/notifications.ts'
import type { Recurrence } from '../item/recurrence.ts'
import { seriesTime } from './series-time.ts'

/** The initial data from Outlook that is used here. */
export interface InitialData {
  userDisplayName: string
  userEmailAddress: string
  userTimeZone: string
  userProfileType: string
  hostVersion: string
  seriesId: string | null
  isFromSharedFolder: boolean
}

interface Given {
  context: { _requirementMatrix: string; _appUILocale: string; _dataLocale: string; _hostFullVersion: string }
  data: InitialData
  /** Calls Outlook by dispatch id. */
  call: Call
  associate(name: string, act: (event: object) => void): void
}

type Call = (id: number, params: unknown) => Promise<Answer>

type Answer = { errorCode?: number; error?: boolean; wasSuccessful?: boolean } & Record<string, unknown>

/**
 * `Office` in the JavaScript-only runtime. Microsoft's own is part of Outlook and not in the package, so this one is
 * written here. It has only what a launch event of an appointment may use.
 */
export function createOffice({ context, data, call, associate }: Given) {
  const sets: Record<string, string> = JSON.parse(context._requirementMatrix)
  return {
    ...enumerations,
    actions: { associate },
    // Both exist, and neither is ever called back.
    onReady: () => new Promise(() => {}),
    initialize: () => {},
    context: {
      displayLanguage: context._appUILocale,
      contentLanguage: context._dataLocale,
      diagnostics: { host: 'Outlook', platform: 'PC', version: context._hostFullVersion },
      requirements: { isSetSupported: (name: string, version = '1.1') => atLeast(sets[name], version) },
      mailbox: {
        diagnostics: { hostName: 'Outlook', hostVersion: data.hostVersion },
        userProfile: {
          displayName: data.userDisplayName,
          emailAddress: data.userEmailAddress,
          timeZone: data.userTimeZone,
          accountType: data.userProfileType,
        },
        getUserIdentityTokenAsync: method(call, { id: 2, value: ({ token }) => token }),
        item: itemOf(data, call),
      },
    },
  }
}

function itemOf({ seriesId, isFromSharedFolder }: InitialData, call: Call) {
  const item: Record<string, unknown> = { itemType: 'appointment', seriesId }
  for (const [name, row] of Object.entries(members)) {
    if (row.shared && !isFromSharedFolder) continue
    const [first = '', second] = name.split('.')
    if (second) item[first] = Object.assign(item[first] ?? {}, { [second]: method(call, row) })
    else item[first] = method(call, row)
  }
  return { ...item, loadCustomPropertiesAsync: loadCustomProperties(call) }
}

/** How a member's call is sent. */
interface Member {
  /** Dispatch id. */
  id: number
  /** Names of the parameters, in order. */
  given?: string[]
  /** Constant parameters. */
  fixed?: object
  /** Converts the parameters to the form that is sent. */
  asks?(params: Record<string, never>): unknown
  /** Extracts the add-in's value from the answer. */
  value?(answer: Answer): unknown
  /** Exists only for an item in another person's calendar. */
  shared?: true
}

const date = ({ data }: Answer) => new Date(Number(data))
const coercionTypes: Record<string, number> = { text: 0, html: 3 }
const coerced = ({ coercionType, ...params }: Record<string, never>) => ({
  ...params,
  coercionType: coercionTypes[coercionType ?? 'text'],
})
const line = ({ key, details }: { key: string; details: { type: never } }) => ({
  key,
  ...details,
  type: notificationTypes.indexOf(details.type),
})

const members: Record<string, Member> = {
  'subject.getAsync': { id: 18 },
  'subject.setAsync': { id: 17, given: ['subject'] },
  'start.getAsync': { id: 24, fixed: { TimeProperty: 1 }, value: date },
  'start.setAsync': { id: 25, fixed: { TimeProperty: 1 }, given: ['time'], asks: inMilliseconds },
  'end.getAsync': { id: 24, fixed: { TimeProperty: 2 }, value: date },
  'end.setAsync': { id: 25, fixed: { TimeProperty: 2 }, given: ['time'], asks: inMilliseconds },
  'recurrence.getAsync': { id: 103, value: ({ data }) => recurrence(data as Recurrence | null) },
  'location.getAsync': { id: 26 },
  'location.setAsync': { id: 27, given: ['location'] },
  'enhancedLocation.getAsync': { id: 154 },
  'enhancedLocation.addAsync': { id: 155, given: ['enhancedLocations'] },
  'enhancedLocation.removeAsync': { id: 156, given: ['enhancedLocations'] },
  'body.getTypeAsync': { id: 14 },
  'body.getAsync': { id: 37, given: ['coercionType'], asks: coerced },
  'body.setAsync': { id: 38, given: ['data'], asks: coerced },
  'body.prependAsync': { id: 23, given: ['data'], asks: coerced },
  'requiredAttendees.getAsync': { id: 15, fixed: { recipientField: 0 } },
  'optionalAttendees.getAsync': { id: 15, fixed: { recipientField: 1 } },
  'organizer.getAsync': { id: 107 },
  'notificationMessages.addAsync': { id: 33, given: ['key', 'details'], asks: line as never },
  'notificationMessages.replaceAsync': { id: 35, given: ['key', 'details'], asks: line as never },
  'notificationMessages.removeAsync': { id: 36, given: ['key'] },
  'notificationMessages.getAllAsync': { id: 34 },
  'sessionData.setAsync': { id: 185, given: ['name', 'value'] },
  'sessionData.getAsync': { id: 186, given: ['name'] },
  'sessionData.getAllAsync': { id: 187 },
  'sessionData.clearAsync': { id: 188 },
  'sessionData.removeAsync': { id: 189, given: ['name'] },
  saveAsync: { id: 32 },
  getItemIdAsync: { id: 164 },
  getSharedPropertiesAsync: { id: 108, shared: true },
}

function inMilliseconds({ time, ...params }: Record<string, never>) {
  return { ...params, time: Number(time) }
}

function recurrence(given: Recurrence | null) {
  if (!given) return null
  const { seriesTimeJson, ...rest } = given
  return { ...rest, seriesTime: seriesTime(seriesTimeJson) }
}

type Callback = (result: object) => void

/** A function of Office.js: parameters, then optional options and callback. */
function method(call: Call, { id, given = [], fixed = {}, asks, value = ({ data }) => data }: Member) {
  return (...args: unknown[]) => {
    const callback = args.find((arg): arg is Callback => typeof arg === 'function')
    const rest = args.filter((arg) => arg !== callback)
    const { asyncContext, ...options } = (rest[given.length] ?? {}) as { asyncContext?: unknown }
    const named = Object.fromEntries(given.map((name, place) => [name, rest[place]]))
    const params = { ...fixed, ...named, ...options }
    call(id, asks ? asks(params as never) : params).then((answer) =>
      callback?.(result(answer, value, asyncContext)),
    )
  }
}

function result(answer: Answer, value: (answer: Answer) => unknown, asyncContext: unknown) {
  const { Succeeded, Failed } = enumerations.AsyncResultStatus
  const failed = answer.error === true || answer.wasSuccessful === false
  if (!failed) return { status: Succeeded, value: value(answer), asyncContext }
  const code = answer.errorCode ?? 0
  return { status: Failed, error: { code, name: `Error ${code}`, message: `Error ${code}` }, asyncContext }
}

const loadProperties = 3
const saveProperties = 4

function loadCustomProperties(call: Call) {
  const load = method(call, {
    id: loadProperties,
    value: ({ customProperties }) => customPropertiesOf(JSON.parse(String(customProperties)), call),
  })
  return load
}

function customPropertiesOf(kept: Record<string, unknown>, call: Call) {
  const save = () => ({ customProperties: kept })
  return {
    get: (name: string) => kept[name],
    getAll: () => ({ ...kept }),
    set: (name: string, value: unknown) => Object.assign(kept, { [name]: value }),
    remove: (name: string) => Reflect.deleteProperty(kept, name),
    saveAsync: method(call, { id: saveProperties, asks: save }),
  }
}

const atLeast = (have: string | undefined, wanted: string) => {
  const [major = 0, minor = 0] = (have ?? '0').split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** The enumerations of Office.js that a launch event may need. */
const enumerations = {
  AsyncResultStatus: { Succeeded: 'succeeded', Failed: 'failed' },
  CoercionType: { Text: 'text', Html: 'html' },
  EventType: {
    AppointmentTimeChanged: 'olkAppointmentTimeChanged',
    RecurrenceChanged: 'olkRecurrenceChanged',
    EnhancedLocationsChanged: 'olkEnhancedLocationsChanged',
    RecipientsChanged: 'olkRecipientsChanged',
    InfobarClicked: 'olkInfobarClicked',
  },
  MailboxEnums: {
    ActionType: { ShowTaskPane: 'showTaskPane' },
    ItemNotificationMessageType: {
      ProgressIndicator: 'progressIndicator',
      InformationalMessage: 'informationalMessage',
      ErrorMessage: 'errorMessage',
      InsightMessage: 'insightMessage',
    },
    ItemType: { Message: 'message', Appointment: 'appointment' },
    LocationType: { Custom: 'custom', Room: 'room' },
    RecurrenceType: {
      Daily: 'daily',
      Weekday: 'weekday',
      Weekly: 'weekly',
      Monthly: 'monthly',
      Yearly: 'yearly',
    },
    SendModeOverride: { PromptUser: 'promptUser' },
  },
}
