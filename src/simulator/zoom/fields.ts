import type { FieldError } from './refusals.ts'
import { timeZones } from './time-zones.ts'

/** The values that a field accepts. */
export type Rule =
  | { kind: 'flag' }
  | { kind: 'text'; max?: number; like?: RegExp }
  | { kind: 'whole'; from: number; to: number }
  | { kind: 'choice'; of: readonly (string | number | boolean)[] }
  | { kind: 'start' }
  | { kind: 'zone' }
  | { kind: 'list'; of: Rule; max?: number }
  | { kind: 'object'; fields: Fields; required?: string }
type Fields = Readonly<Record<string, Rule>>

const flag: Rule = { kind: 'flag' }
const text = (max?: number): Rule => ({ kind: 'text', ...(max && { max }) })
const like = (pattern: RegExp): Rule => ({ kind: 'text', like: pattern })
const whole = (from: number, to = Number.MAX_SAFE_INTEGER): Rule => ({ kind: 'whole', from, to })
const choice = (...of: readonly (string | number | boolean)[]): Rule => ({ kind: 'choice', of })
const list = (of: Rule, max?: number): Rule => ({ kind: 'list', of, ...(max && { max }) })
const object = (fields: Fields, required?: string): Rule => ({
  kind: 'object',
  fields,
  ...(required && { required }),
})
const email = like(/^[^@\s]+@[^@\s]+$/)

/** Settings of both create and update. */
const settings = {
  allow_host_control_participant_mute_state: flag,
  allow_multiple_devices: flag,
  alternative_host_update_polls: flag,
  alternative_hosts: text(),
  alternative_hosts_email_notification: flag,
  approval_type: choice(0, 1, 2),
  approved_or_denied_countries_or_regions: object({
    enable: flag,
    method: choice('approve', 'deny'),
    approved_list: list(text()),
    denied_list: list(text()),
  }),
  audio: choice('both', 'telephony', 'voip', 'thirdParty'),
  audio_conference_info: text(2048),
  authentication_domains: text(),
  authentication_exception: list(object({ name: text(), email })),
  authentication_option: text(),
  auto_recording: choice('local', 'cloud', 'none'),
  auto_start_ai_companion_questions: flag,
  auto_start_meeting_summary: flag,
  breakout_room: object({
    enable: flag,
    rooms: list(object({ name: text(), participants: list(text()) })),
  }),
  calendar_type: choice(1, 2),
  close_registration: flag,
  cn_meeting: flag,
  contact_email: text(),
  contact_name: text(),
  continuous_meeting_chat: object({
    enable: flag,
    auto_add_invited_external_users: flag,
    auto_add_meeting_participants: flag,
    who_is_added: choice('all_users', 'org_invitees_and_participants', 'org_invitees'),
  }),
  device_testing: flag,
  disable_participant_video: flag,
  email_in_attendee_report: flag,
  email_notification: flag,
  encryption_type: choice('enhanced_encryption', 'e2ee'),
  focus_mode: flag,
  global_dial_in_countries: list(text()),
  host_save_video_order: flag,
  host_video: flag,
  in_meeting: flag,
  internal_meeting: flag,
  jbh_time: choice(0, 5, 10, 15),
  join_before_host: flag,
  language_interpretation: object({
    enable: flag,
    interpreters: list(object({ email, languages: text(), interpreter_languages: text() })),
  }),
  meeting_authentication: flag,
  meeting_invitees: list(object({ email })),
  mute_upon_entry: flag,
  participant_focused_meeting: flag,
  participant_video: flag,
  private_meeting: flag,
  push_change_to_calendar: flag,
  question_and_answer: object({
    enable: flag,
    allow_submit_questions: flag,
    allow_anonymous_questions: flag,
    question_visibility: choice('answered', 'all'),
    attendees_can_comment: flag,
    attendees_can_upvote: flag,
  }),
  registrants_confirmation_email: flag,
  registrants_email_notification: flag,
  registration_type: choice(1, 2, 3),
  resources: list(
    object({
      resource_type: choice('whiteboard'),
      resource_id: text(),
      permission_level: choice('editor', 'commenter', 'viewer'),
    }),
  ),
  show_share_button: flag,
  sign_language_interpretation: object({
    enable: flag,
    interpreters: list(object({ email, sign_language: text() }), 20),
  }),
  summary_template_id: text(),
  use_pmi: flag,
  waiting_room: flag,
  watermark: flag,
  who_can_ask_questions: choice(1, 2, 3, 4, 5),
  who_will_receive_summary: choice(1, 2, 3, 4),
} as const satisfies Fields

const recurrence = {
  type: choice(1, 2, 3),
  repeat_interval: whole(1, 99),
  weekly_days: like(/^[1-7](,[1-7]){0,6}$/),
  monthly_day: whole(1, 31),
  monthly_week: choice(-1, 1, 2, 3, 4),
  monthly_week_day: choice(1, 2, 3, 4, 5, 6, 7),
  end_times: whole(0, 60),
  end_date_time: { kind: 'start' },
} as const satisfies Fields

/** Top-level fields of both bodies. Types 8 and 10 are not simulated. */
const meeting = {
  topic: text(200),
  agenda: text(2000),
  type: choice(1, 2, 3),
  start_time: { kind: 'start' },
  timezone: { kind: 'zone' },
  duration: whole(1),
  password: like(/^[A-Za-z0-9@_*-]{1,10}$/),
  schedule_for: text(),
  template_id: text(),
  pre_schedule: flag,
  recurrence: object(recurrence, 'type'),
  tracking_fields: list(object({ field: text(), value: text() })),
} as const satisfies Fields

/**
 * Every field that a body may have, for `POST /users/{userId}/meetings`, `PATCH /meetings/{meetingId}` and `PUT
 * /meetings/{meetingId}/status`.
 * Source: Zoom Meetings API, request bodies of both methods.
 */
export const bodies = {
  create: {
    ...meeting,
    default_password: flag,
    settings: object({ ...settings, additional_data_center_regions: list(text()) }),
  },
  update: {
    ...meeting,
    settings: object({
      ...settings,
      authentication_exception: list(object({ name: text(), email, join_url: text() })),
      authentication_name: text(),
      custom_keys: list(object({ key: text(64), value: text(256) }), 10),
      enforce_login: flag,
      enforce_login_domains: text(),
      global_dial_in_numbers: list(
        object({
          country: text(),
          country_name: text(),
          city: text(),
          number: text(),
          type: choice('toll', 'tollfree'),
        }),
      ),
    }),
  },
  status: { action: choice('end', 'recover') },
} as const satisfies Record<string, Fields>

/** A validated body. */
export interface MeetingBody {
  action?: 'end' | 'recover'
  topic?: string
  agenda?: string
  type?: 1 | 2 | 3
  start_time?: string
  timezone?: string
  duration?: number
  password?: string
  default_password?: boolean
  template_id?: string
  schedule_for?: string
  pre_schedule?: boolean
  recurrence?: Record<string, unknown>
  tracking_fields?: { field?: string; value?: string }[]
  settings?: Record<string, unknown>
}

/**
 * The fields of a body that the table does not accept. This is stricter than Zoom, which ignores unknown fields: here
 * a misspelt field is an error that names it.
 */
export function faultsIn(body: Record<string, unknown>, fields: Fields, path = ''): FieldError[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const field = `${path}${name}`
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined
    return rule ? faultsOf(value, rule, field) : [{ field, message: 'Unknown field.' }]
  })
}

function faultsOf(value: unknown, rule: Rule, field: string): FieldError[] {
  if (rule.kind === 'list' && Array.isArray(value) && value.length <= (rule.max ?? value.length))
    return value.flatMap((item, index) => faultsOf(item, rule.of, `${field}[${index}]`))
  if (rule.kind === 'object' && isObject(value)) {
    const missing = rule.required && !(rule.required in value)
    const faults = faultsIn(value, rule.fields, `${field}.`)
    return missing ? [...faults, { field: `${field}.${rule.required}`, message: 'Required.' }] : faults
  }
  return holds(value, rule) ? [] : [{ field, message: 'Invalid field.' }]
}

function holds(value: unknown, rule: Rule): boolean {
  switch (rule.kind) {
    case 'flag':
      return typeof value === 'boolean'
    case 'text':
      return (
        typeof value === 'string' &&
        value.length <= (rule.max ?? value.length) &&
        (rule.like?.test(value) ?? true)
      )
    case 'whole':
      return Number.isSafeInteger(value) && Number(value) >= rule.from && Number(value) <= rule.to
    case 'choice':
      return rule.of.some((allowed) => allowed === value)
    case 'start':
      return typeof value === 'string' && isStart(value)
    case 'zone':
      return typeof value === 'string' && timeZones.has(value)
    default:
      return false
  }
}

/** `2026-11-23T14:00:00Z` or, in local time, `2026-11-23T14:00:00`; the date must exist. */
function isStart(value: string): boolean {
  const wall = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?=(\.\d+)?Z?$)/.exec(value)?.[0]
  const at = Date.parse(`${wall}Z`)
  return wall !== undefined && !Number.isNaN(at) && new Date(at).toISOString().startsWith(wall)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
