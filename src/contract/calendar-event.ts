import { type Utc, utc } from './appointment.ts'
import { joinLinksAt } from './join-link.ts'
import { Problem } from './problems.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

/**
 * What an app keeps of an event, in memory. There is no time zone: an instant is shown in the zone of the device, and a
 * whole day has none. An event that is cancelled is left out, so nothing says that it is. Whether one is private, or busy,
 * matters on a display that others see; this is the calendar of the person who looks.
 */
export const calendarEventSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['subject', 'start', 'minutes', 'allDay', 'location', 'rooms'],
  properties: {
    subject: { type: 'string', maxLength: 1000 },
    start: {
      type: 'string',
      pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$',
      description:
        'An instant in UTC. Of an event that takes whole days: its first midnight, as if that were in UTC.',
    },
    minutes: { type: 'integer', minimum: 0 },
    allDay: { type: 'boolean' },
    joinLink: {
      type: 'string',
      pattern: '^https://\\S+$',
      maxLength: 10_000,
      description: "Zoom's address for joining. Missing: the event has none.",
    },
    location: { type: 'string', maxLength: 1000 },
    rooms: {
      type: 'string',
      maxLength: 1000,
      description: 'The names of its rooms, separated by semicolons.',
    },
    zoomRoom: {
      type: 'boolean',
      description: 'Whether one of its rooms is a Zoom Room. Missing: it is not known which rooms are.',
    },
  },
} as const satisfies ObjectSchema

export type CalendarEvent = FromSchema<typeof calendarEventSchema>

/** What the service knows of its Zoom. */
export interface KnownZoom {
  /** Where it is: `https://zoom.us`, or an origin at which it is played. */
  origin?: string | undefined
  /** The addresses of the Zoom Rooms, in lower case. Missing: they are not known. */
  rooms?: ReadonlySet<string> | undefined
}

/** The answer of the service in *proxy* mode: `{ events: [...] }`. Throws `unexpected`. */
export function calendarEventsFrom(input: unknown, { origin }: KnownZoom = {}): CalendarEvent[] {
  const { events } = Object(input) as { events?: unknown }
  if (!Array.isArray(events)) throw new Problem('unexpected')
  return events.map((event) => {
    const checked = check(calendarEventSchema, event, 'unexpected')
    if (checked.joinLink !== undefined && joinLinksAt(origin)(checked.joinLink) !== checked.joinLink)
      throw new Problem('unexpected', { field: 'joinLink', why: 'has the wrong form' })
    return checked
  })
}

/** What an app reads of an event of any provider, before most of it is dropped. */
export interface ReadEvent {
  subject: string | undefined
  /** Instants in RFC 3339. Of an event that takes whole days: its first and last midnight, as if they were in UTC. */
  start: string
  end: string
  allDay: boolean
  location: string | undefined
  rooms: readonly { name: string; address?: string | undefined }[]
  /** What can have the join link before the location does, and after it: HTML or plain text. */
  note?: string | undefined
  text: readonly (string | undefined)[]
}

/** Keeps what `CalendarEvent` has, and nothing else. Throws `unexpected` for a time that is none. */
export function sanitise(read: ReadEvent, { origin, rooms }: KnownZoom = {}): CalendarEvent {
  const start = Date.parse(read.start)
  const minutes = Math.ceil((Date.parse(read.end) - start) / 60_000)
  if (Number.isNaN(minutes)) throw new Problem('unexpected', { field: 'start', why: 'is not a time' })
  const joinLink = joinLinksAt(origin)(read.note, read.location, ...read.text)
  return {
    subject: short(read.subject),
    start: utc(new Date(start)) satisfies Utc,
    minutes: Math.max(0, minutes),
    allDay: read.allDay,
    ...(joinLink !== undefined && { joinLink }),
    location: short(read.location),
    rooms: short(read.rooms.map(({ name }) => name).join('; ')),
    ...(rooms && { zoomRoom: read.rooms.some(({ address }) => rooms.has(address?.toLowerCase() ?? '')) }),
  }
}

/** A part of a longer string can keep the whole one in memory. A copy cannot. */
const short = (text = '') => JSON.parse(JSON.stringify(text.trim().slice(0, 1000))) as string

/**
 * Every attribute of an event, by the names of each provider, and what an app does with it. `kept`: asked for, and a part of
 * `CalendarEvent`. `read`: asked for, and dropped before anything is stored. `dropped`: never asked for.
 */
export const attributes = {
  microsoft: {
    kept: ['subject', 'start', 'end', 'isAllDay', 'location', 'locations'],
    // The join link is often in the text only.
    read: ['body', 'isCancelled'],
    dropped: named(
      'allowNewTimeProposals attendees bodyPreview cancelledOccurrences categories changeKey ' +
        'createdDateTime extensions hasAttachments hideAttendees iCalUId id importance isDraft ' +
        'isOnlineMeeting isOrganizer isReminderOn lastModifiedDateTime multiValueExtendedProperties ' +
        'onlineMeeting onlineMeetingProvider onlineMeetingUrl organizer originalEndTimeZone ' +
        'originalStart originalStartTimeZone recurrence reminderMinutesBeforeStart responseRequested ' +
        'responseStatus sensitivity seriesMasterId showAs singleValueExtendedProperties ' +
        'transactionId type webLink',
    ),
  },
  exchange: {
    kept: [
      ...['item:Subject', 'calendar:Start', 'calendar:End', 'calendar:IsAllDayEvent', 'calendar:Location'],
      // The dates of whole days, and the rooms.
      ...['calendar:StartWallClock', 'calendar:EndWallClock', 'calendar:Resources'],
    ],
    read: ['item:ItemId', 'item:Body', 'calendar:IsCancelled'],
    dropped: named(
      'calendar:AdjacentMeetingCount calendar:AdjacentMeetings calendar:AllowNewTimeProposal ' +
        'calendar:AppointmentReplyTime calendar:AppointmentSequenceNumber calendar:AppointmentState ' +
        'calendar:CalendarItemType calendar:ConferenceType calendar:ConflictingMeetingCount ' +
        'calendar:ConflictingMeetings calendar:DateTimeStamp calendar:DeletedOccurrences ' +
        'calendar:Duration calendar:EndTimeZone calendar:EndTimeZoneId calendar:EnhancedLocation ' +
        'calendar:FirstOccurrence calendar:InboxReminders calendar:IsMeeting ' +
        'calendar:IsOnlineMeeting calendar:IsOrganizer calendar:IsRecurring ' +
        'calendar:IsResponseRequested calendar:JoinOnlineMeetingUrl calendar:LastOccurrence ' +
        'calendar:LegacyFreeBusyStatus calendar:MeetingRequestWasSent calendar:MeetingTimeZone ' +
        'calendar:MeetingWorkspaceUrl calendar:ModifiedOccurrences calendar:MyResponseType ' +
        'calendar:NetShowUrl calendar:OnlineMeetingSettings calendar:OptionalAttendees ' +
        'calendar:Organizer calendar:OriginalStart calendar:Recurrence calendar:RecurrenceId ' +
        'calendar:RequiredAttendees calendar:StartTimeZone calendar:StartTimeZoneId ' +
        'calendar:TimeZone calendar:UID calendar:When item:ArchiveTag item:Attachments ' +
        'item:BlockStatus item:Categories item:ConversationId item:Culture item:DateTimeCreated ' +
        'item:DateTimeReceived item:DateTimeSent item:DisplayCc item:DisplayTo item:EffectiveRights ' +
        'item:EntityExtractionResult item:Flag item:GroupingAction item:HasAttachments ' +
        'item:HasBlockedImages item:Hashtags item:IconIndex item:Importance item:InReplyTo ' +
        'item:InstanceKey item:InternetMessageHeader item:InternetMessageHeaders item:IsAssociated ' +
        'item:IsClutter item:IsDraft item:IsFromMe item:IsResend item:IsSubmitted item:IsUnmodified ' +
        'item:ItemClass item:LastModifiedName item:LastModifiedTime item:MentionedMe item:Mentions ' +
        'item:MimeContent item:NextPredictedAction item:NormalizedBody item:ParentFolderId ' +
        'item:PendingSocialActivityTagIds item:PolicyTag item:PredictedActionReason item:Preview ' +
        'item:ReminderDueBy item:ReminderIsSet item:ReminderMinutesBeforeStart item:ReminderNextTime ' +
        'item:ResponseObjects item:RetentionDate item:RightsManagementLicenseData item:Sensitivity ' +
        'item:Size item:StoreEntryId item:TextBody item:UniqueBody item:WebClientEditFormQueryString ' +
        'item:WebClientReadFormQueryString',
    ),
  },
  google: {
    kept: ['summary', 'start', 'end', 'location'],
    // Google lists rooms among the participants.
    read: ['description', 'conferenceData', 'status', 'attendees'],
    dropped: named(
      'anyoneCanAddSelf attachments attendeesOmitted colorId created creator endTimeUnspecified ' +
        'etag eventType extendedProperties gadget guestsCanInviteOthers guestsCanModify ' +
        'guestsCanSeeOtherGuests hangoutLink htmlLink iCalUID id kind locked organizer ' +
        'originalStartTime privateCopy recurrence recurringEventId reminders sequence source ' +
        'transparency updated visibility',
    ),
  },
} as const

function named(names: string): readonly string[] {
  return names.split(' ')
}
