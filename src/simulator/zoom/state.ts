import { randomBytes, randomInt } from 'node:crypto'
import type { MeetingBody } from './fields.ts'
import { Refusal } from './refusals.ts'
import { instant, stamp } from './time-zones.ts'
import type { User } from './users.ts'

/** A stored meeting. */
export interface Meeting {
  /** Eleven digits. */
  id: number
  /** Base64: it can contain `/`. */
  uuid: string
  host: User
  /** 1 instant, 2 scheduled, 3 recurring without a fixed time. */
  type: 1 | 2 | 3
  topic: string
  agenda: string
  /** ms since 1970; missing for a meeting without a fixed time. */
  startsAt?: number
  /** Minutes. */
  duration: number
  timezone: string
  /** Empty: the meeting has no passcode. */
  password: string
  /** The passcode for dialling in, and the form of the passcode in `join_url`. */
  secrets: { phone: string; link: string }
  settings: Record<string, unknown>
  trackingFields: { field?: string; value?: string }[]
  preSchedule: boolean
  /** ms since 1970. */
  createdAt: number
  /** Each time that it took place, oldest first. */
  instances: readonly Instance[]
}

/** One time that a meeting took place. It has its own UUID. */
interface Instance {
  uuid: string
  /** ms since 1970. */
  startedAt: number
}

const day = 86_400_000

/**
 * Days until a meeting id expires: counted from its date or, without a date, from its creation; from its last start if
 * that is later. Source: Zoom support, "Meeting ID".
 */
const lifeInDays: Record<Meeting['type'], number> = { 1: 30, 2: 30, 3: 365 }

/** A new meeting from a validated body. */
export function schedule(host: User, body: MeetingBody, now: number): Meeting {
  const type = body.type ?? 2
  const timezone = body.timezone ?? host.timezone
  const password = body.password ?? (body.default_password === false ? '' : digits(6))
  return {
    id: randomInt(80_000_000_000, 99_999_999_999),
    uuid: newUuid(),
    host,
    // A scheduled meeting without a start becomes an instant one. Source: Zoom Meetings API, `start_time`.
    type: type === 2 && !body.start_time ? 1 : type,
    topic: body.topic ?? 'Zoom Meeting',
    agenda: body.agenda ?? '',
    ...(type === 2 && body.start_time && { startsAt: instant(body.start_time, timezone) }),
    duration: body.duration ?? 60,
    timezone,
    password,
    secrets: newSecrets(),
    settings: { ...templates.get(body.template_id ?? '')?.settings, ...body.settings },
    trackingFields: body.tracking_fields ?? [],
    preSchedule: body.pre_schedule ?? false,
    createdAt: now,
    instances: [],
  }
}

/** The meeting after its host has started and ended it. */
export function hold(meeting: Meeting, now: number): Meeting {
  const held = { uuid: meeting.uuid, startedAt: now }
  return { ...meeting, uuid: newUuid(), instances: [...meeting.instances, held] }
}

/**
 * The meeting after an update. Zoom ignores a start in the past. The type may change between scheduled and no fixed
 * time; changes that Zoom does not document (to or from instant, to scheduled without a start) are refused.
 */
export function reschedule(meeting: Meeting, body: MeetingBody, now: number): Meeting {
  const type = body.type ?? meeting.type
  if (type !== meeting.type && (type === 1 || meeting.type === 1)) throw invalid('type')
  const timezone = body.timezone ?? meeting.timezone
  const asked = body.start_time === undefined ? undefined : instant(body.start_time, timezone)
  const startsAt = asked !== undefined && asked > now ? asked : meeting.startsAt
  if (type === 2 && startsAt === undefined) throw invalid('start_time')
  const { startsAt: _, ...kept } = meeting
  return {
    ...kept,
    type,
    timezone,
    topic: body.topic ?? meeting.topic,
    agenda: body.agenda ?? meeting.agenda,
    duration: body.duration ?? meeting.duration,
    password: body.password ?? meeting.password,
    // The link has the passcode in it.
    ...(body.password !== undefined && body.password !== meeting.password && { secrets: newSecrets() }),
    settings: { ...meeting.settings, ...body.settings },
    trackingFields: body.tracking_fields ?? meeting.trackingFields,
    preSchedule: body.pre_schedule ?? meeting.preSchedule,
    ...(type === 2 && startsAt !== undefined && { startsAt }),
  }
}

export function isAlive({ type, startsAt, createdAt, instances }: Meeting, now: number): boolean {
  const from = Math.max(startsAt ?? createdAt, instances.at(-1)?.startedAt ?? 0)
  return now < from + lifeInDays[type] * day
}

/** The past instances. Source: Zoom Meetings API, "List past meeting instances". */
export function past({ instances }: Meeting) {
  return instances.map(({ uuid, startedAt }) => ({ uuid, start_time: stamp(startedAt) }))
}

/** The members of a meeting in a list; an answer about one meeting has them too. */
export function listed(meeting: Meeting, origin: string) {
  return {
    uuid: meeting.uuid,
    id: meeting.id,
    host_id: meeting.host.id,
    topic: meeting.topic,
    type: meeting.type,
    ...(meeting.startsAt !== undefined && { start_time: stamp(meeting.startsAt) }),
    duration: meeting.duration,
    timezone: meeting.timezone,
    agenda: meeting.agenda,
    created_at: stamp(meeting.createdAt),
    join_url: joinUrl(meeting, origin),
  }
}

/** The answer of create and get. Source: Zoom Meetings API, "Create a meeting" and "Get a meeting". */
export function detailed(meeting: Meeting, origin: string) {
  return {
    ...listed(meeting, origin),
    host_email: meeting.host.email,
    status: 'waiting',
    start_url: `${origin}/s/${meeting.id}?zak=${randomBytes(24).toString('base64url')}`,
    ...(meeting.password && {
      password: meeting.password,
      h323_password: meeting.secrets.phone,
      pstn_password: meeting.secrets.phone,
      encrypted_password: meeting.secrets.link,
    }),
    settings: { ...defaultSettings, ...meeting.settings },
    ...(meeting.settings.use_pmi === true && { pmi: String(meeting.host.pmi) }),
    ...([0, 1].includes(Number(meeting.settings.approval_type ?? 2)) && {
      registration_url: `${origin}/meeting/register/${meeting.secrets.link}`,
    }),
    ...(meeting.trackingFields.length > 0 && { tracking_fields: meeting.trackingFields }),
    creation_source: 'open_api',
    pre_schedule: meeting.preSchedule,
  }
}

function joinUrl(meeting: Meeting, origin: string): string {
  const id = meeting.settings.use_pmi === true ? meeting.host.pmi : meeting.id
  return `${origin}/j/${id}${meeting.password && `?pwd=${meeting.secrets.link}`}`
}

const newSecrets = () => ({ phone: digits(6), link: `${randomBytes(18).toString('base64url')}.1` })
const newUuid = () => randomBytes(16).toString('base64')
const digits = (count: number) => Array.from({ length: count }, () => randomInt(10)).join('')
export const invalid = (field: string) =>
  new Refusal('validation', { errors: [{ field, message: 'Invalid field.' }] })

/** The meeting templates of every user, by their ids. */
export const templates: ReadonlyMap<string, { name: string; settings: Record<string, unknown> }> = new Map([
  ['training-template', { name: 'Training course', settings: { mute_upon_entry: true } }],
  ['panel-template', { name: 'Panel', settings: { waiting_room: false } }],
])

/** Zoom's default settings. */
const defaultSettings = {
  host_video: false,
  participant_video: false,
  cn_meeting: false,
  in_meeting: false,
  join_before_host: false,
  jbh_time: 0,
  mute_upon_entry: false,
  watermark: false,
  use_pmi: false,
  approval_type: 2,
  audio: 'both',
  auto_recording: 'none',
  enforce_login: false,
  enforce_login_domains: '',
  alternative_hosts: '',
  alternative_host_update_polls: false,
  close_registration: false,
  show_share_button: false,
  allow_multiple_devices: false,
  registrants_confirmation_email: true,
  waiting_room: true,
  global_dial_in_countries: ['US', 'GB'],
  global_dial_in_numbers: [
    { country: 'US', country_name: 'US', city: 'New York', number: '+1 5550100100', type: 'toll' },
    { country: 'GB', country_name: 'United Kingdom', city: '', number: '+44 2079460100', type: 'toll' },
  ],
  registrants_email_notification: true,
  meeting_authentication: false,
  encryption_type: 'enhanced_encryption',
  approved_or_denied_countries_or_regions: { enable: false },
  breakout_room: { enable: false },
  internal_meeting: false,
  continuous_meeting_chat: { enable: false, auto_add_invited_external_users: false },
  participant_focused_meeting: false,
  push_change_to_calendar: false,
  resources: [],
  auto_start_meeting_summary: false,
  auto_start_ai_companion_questions: false,
  alternative_hosts_email_notification: true,
  device_testing: false,
  focus_mode: false,
  private_meeting: false,
  email_notification: true,
  host_save_video_order: false,
}
