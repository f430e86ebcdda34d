import { isObject } from './fields.ts'
import type { User } from './users.ts'

/** Parts of the settings, as deep as they are. */
export type Change = { readonly [name: string]: unknown }

/** A way of signing in. Source: Zoom Users API, "Get user settings" with `option=meeting_authentication`. */
interface Profile {
  id: string
  name: string
  type: 'enforce_login' | 'enforce_login_with_same_account' | 'enforce_login_with_domains'
  domains?: string
  default_option?: boolean
  visible: boolean
}

const profiles: readonly Profile[] = [
  {
    id: 'signIn_D8cJuqWVQ623CI4Q8yQK0Q',
    name: 'Sign in to Zoom',
    type: 'enforce_login',
    default_option: true,
    visible: true,
  },
  {
    id: 'internally_5BxJuqWVQ623CI4Q8yQK0Q',
    name: 'Contoso only',
    type: 'enforce_login_with_same_account',
    visible: true,
  },
  {
    id: 'domains_7RtJuqWVQ623CI4Q8yQK0Q',
    name: 'Partners',
    type: 'enforce_login_with_domains',
    domains: 'contoso.example,fabrikam.example',
    visible: true,
  },
  {
    id: 'old_1AzJuqWVQ623CI4Q8yQK0Q',
    name: 'Hidden by the administrator',
    type: 'enforce_login',
    visible: false,
  },
]

/**
 * What users' settings say at first. Source: Zoom Users API, "Get user settings". `meeting_security` and
 * `authentication` are what the same call answers with `option=meeting_security` and `option=meeting_authentication`.
 */
const first: Change = {
  authentication: {
    meeting_authentication: false,
    allow_authentication_exception: false,
    authentication_options: profiles,
  },
  feature: { meeting_capacity: 300, large_meeting: false, webinar: false },
  in_meeting: {
    waiting_room: true,
    custom_data_center_regions: true,
    data_center_regions: ['DE', 'NL', 'US'],
    language_interpretation: {
      enable: true,
      enable_language_interpretation_by_default: false,
      languages: ['English', 'Chinese', 'German', 'French'],
      custom_languages: ['Breton'],
    },
    sign_language_interpretation: {
      enable: true,
      enable_sign_language_interpretation_by_default: false,
      languages: ['American', 'German'],
    },
    meeting_summary_with_ai_companion: { enable: true, auto_enable: false, who_will_receive_summary: 1 },
    ai_companion_questions: { enable: true, auto_enable: false, who_can_ask_questions: 1 },
  },
  recording: { auto_recording: 'none', cloud_recording: true, local_recording: true },
  schedule_meeting: {
    audio_type: 'both',
    host_video: false,
    participants_video: false,
    join_before_host: false,
    personal_meeting: true,
    use_pmi_for_scheduled_meetings: false,
    continuous_meeting_chat: { enable: false, auto_add_invited_external_users: false },
  },
  telephony: { third_party_audio: false },
  meeting_security: {
    encryption_type: 'enhanced_encryption',
    end_to_end_encrypted_meetings: true,
    meeting_password: true,
    waiting_room: true,
  },
}

/**
 * Where the lock of a meeting's setting is, and that setting of a user. Source: Zoom Accounts API and Users API, "Get locked
 * settings".
 */
const places: Record<string, { lock: string; setting: string }> = {
  waiting_room: { lock: 'meeting_security.waiting_room', setting: 'meeting_security.waiting_room' },
  host_video: { lock: 'schedule_meeting.host_video', setting: 'schedule_meeting.host_video' },
  participant_video: {
    lock: 'schedule_meeting.participant_video',
    setting: 'schedule_meeting.participants_video',
  },
  join_before_host: {
    lock: 'schedule_meeting.join_before_host',
    setting: 'schedule_meeting.join_before_host',
  },
  meeting_authentication: {
    lock: 'schedule_meeting.meeting_authentication',
    setting: 'schedule_meeting.meeting_authentication',
  },
  audio: { lock: 'schedule_meeting.audio_type', setting: 'schedule_meeting.audio_type' },
  auto_recording: { lock: 'recording.auto_recording', setting: 'recording.auto_recording' },
  encryption_type: {
    lock: 'meeting_security.encryption_type',
    setting: 'meeting_security.encryption_type',
  },
}

/** The settings of the account's users, and what its administrator has locked, for everybody or for a group. */
export function createSettings() {
  let current = first
  const locked = new Map<string | undefined, Record<string, unknown>>()

  /** The values that the locks of the account and of the user's groups keep. */
  const locksOf = ({ group_ids = [] }: User) =>
    Object.assign({}, ...[...group_ids, undefined].map((group) => locked.get(group))) as Record<
      string,
      unknown
    >

  return {
    locksOf,
    profiles: () =>
      (current.authentication as { authentication_options: readonly Profile[] }).authentication_options,
    /** The languages of interpreters, spoken and signed. */
    languages(kind: 'language_interpretation' | 'sign_language_interpretation'): readonly string[] {
      const { languages = [], custom_languages = [] } = Object((current.in_meeting as Change)[kind])
      return [...languages, ...custom_languages]
    },
    lock: (locks: Record<string, unknown>, group?: string) => void locked.set(group, locks),
    change(change: Change) {
      current = merged(current, change)
    },
    reset() {
      current = first
      locked.clear()
    },

    of(user: User, option: string | undefined) {
      const kept = Object.entries(locksOf(user)).map(([name, value]) => within(places[name]?.setting, value))
      return partOf(kept.reduce(merged, current), option)
    },

    /** What is locked, for everybody or in a group. */
    locks(group: string | undefined, option: string | undefined) {
      const none = Object.values(places).map(({ lock }) => within(lock, false))
      const all = Object.keys(locked.get(group) ?? {}).map((name) => within(places[name]?.lock, true))
      return partOf([...none, ...all].reduce(merged, {}), option)
    },
  }
}

/** Zoom answers these options by themselves, and the rest without them. */
function partOf({ meeting_security, authentication, ...rest }: Change, option: string | undefined) {
  if (option === 'meeting_authentication') return authentication ?? {}
  return option === 'meeting_security' ? { meeting_security } : rest
}

const within = (path: string | undefined, value: unknown): Change =>
  (path ?? '')
    .split('.')
    .filter(Boolean)
    .reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Change

function merged(one: Change, other: Change): Change {
  const all = { ...one }
  for (const [name, value] of Object.entries(other))
    all[name] = isObject(value) ? merged(isObject(one[name]) ? one[name] : {}, value) : value
  return all
}
