import { z } from 'zod'
import {
  type Choices,
  childNames,
  type Offered,
  type OfferedName,
  type OptionName,
  type Options,
  optionNames,
  optionTexts,
  optionValues,
  parentOf,
  type TextName,
} from '../../contract/meeting-options.ts'

/** A part of Zoom's answer that is not needed: null or another form counts as missing. */
export const optional = <T>(form: z.ZodType<T>) => form.nullish().catch(undefined)

/** What Zoom has of a meeting's `settings`. Each option reads its own part. */
export const meetingSettings = z.record(z.string(), z.unknown())
export type Settings = Readonly<Record<string, unknown>>

/** A way of signing in, as "Get user settings" says with `option=meeting_authentication`. */
const profile = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  name: z.string().min(1).max(200),
  domains: optional(z.string()),
  default_option: optional(z.boolean()),
  visible: optional(z.boolean()),
})
const profileList = z.array(optional(profile)).catch([])

/**
 * An option in Zoom's words. Paths are those of the answers of "Get user settings", with its `meeting_security` and
 * `meeting_authentication` beside the rest, and of "Get locked settings" of an account and of a group. Of several, the
 * first one that Zoom says counts.
 */
interface Row<Value extends string> {
  /** The path in a meeting's `settings`. */
  field: string
  /** Zoom's values; by default `on` is true and `off` is false. */
  values?: Readonly<Record<Value, boolean | number | string>>
  /** The person's setting, which a new meeting gets. */
  setting?: readonly string[]
  lock?: readonly string[]
  /** Where one of these settings is false, the person does not have the option. */
  needs?: readonly string[]
  /** Where that setting is false, the person does not have the value. */
  valueNeeds?: { readonly [One in Value]?: string }
  /** Only a user with a licence has it ("Zoom plans"). */
  licensed?: true
}

const rows: { readonly [Name in OptionName]: Row<(typeof optionValues)[Name][number]> } = {
  waitingRoom: {
    field: 'waiting_room',
    setting: ['meeting_security.waiting_room', 'in_meeting.waiting_room'],
    lock: ['meeting_security.waiting_room'],
  },
  meetingAuthentication: {
    field: 'meeting_authentication',
    setting: ['meeting_authentication', 'schedule_meeting.meeting_authentication'],
    lock: ['schedule_meeting.meeting_authentication'],
  },
  joinBeforeHost: {
    field: 'join_before_host',
    setting: ['schedule_meeting.join_before_host'],
    lock: ['schedule_meeting.join_before_host'],
  },
  jbhTime: {
    field: 'jbh_time',
    values: { 5: 5, 10: 10, 15: 15, any: 0 },
    lock: ['schedule_meeting.join_before_host'],
  },
  muteUponEntry: { field: 'mute_upon_entry' },
  hostVideo: {
    field: 'host_video',
    setting: ['schedule_meeting.host_video'],
    lock: ['schedule_meeting.host_video'],
  },
  participantVideo: {
    field: 'participant_video',
    setting: ['schedule_meeting.participants_video'],
    lock: ['schedule_meeting.participant_video'],
  },
  audio: {
    field: 'audio',
    values: { both: 'both', telephony: 'telephony', voip: 'voip', thirdParty: 'thirdParty' },
    setting: ['schedule_meeting.audio_type'],
    lock: ['schedule_meeting.audio_type'],
    valueNeeds: { thirdParty: 'telephony.third_party_audio' },
  },
  autoRecording: {
    field: 'auto_recording',
    values: { none: 'none', local: 'local', cloud: 'cloud' },
    setting: ['recording.auto_recording'],
    lock: ['recording.auto_recording'],
    valueNeeds: { local: 'recording.local_recording', cloud: 'recording.cloud_recording' },
  },
  encryptionType: {
    field: 'encryption_type',
    values: { e2ee: 'e2ee', enhanced: 'enhanced_encryption' },
    setting: ['meeting_security.encryption_type'],
    lock: ['meeting_security.encryption_type', 'meeting_security.end_to_end_encrypted_meetings'],
    valueNeeds: { e2ee: 'meeting_security.end_to_end_encrypted_meetings' },
  },
  continuousMeetingChat: {
    field: 'continuous_meeting_chat.enable',
    setting: ['schedule_meeting.continuous_meeting_chat.enable'],
    lock: ['schedule_meeting.continuous_meeting_chat'],
  },
  autoStartMeetingSummary: {
    field: 'auto_start_meeting_summary',
    setting: ['in_meeting.meeting_summary_with_ai_companion.auto_enable'],
    needs: ['in_meeting.meeting_summary_with_ai_companion.enable'],
    licensed: true,
  },
  whoWillReceiveSummary: {
    field: 'who_will_receive_summary',
    values: { host: 1, hosts: 2, organisation: 3, everybody: 4 },
    setting: ['in_meeting.meeting_summary_with_ai_companion.who_will_receive_summary'],
    needs: ['in_meeting.meeting_summary_with_ai_companion.enable'],
    licensed: true,
  },
  autoStartAiCompanionQuestions: {
    field: 'auto_start_ai_companion_questions',
    setting: ['in_meeting.ai_companion_questions.auto_enable'],
    needs: ['in_meeting.ai_companion_questions.enable'],
    licensed: true,
  },
  languageInterpretation: {
    field: 'language_interpretation.enable',
    setting: ['in_meeting.language_interpretation.enable_language_interpretation_by_default'],
    lock: ['in_meeting.language_interpretation'],
    needs: ['in_meeting.language_interpretation.enable'],
    licensed: true,
  },
  signLanguageInterpretation: {
    field: 'sign_language_interpretation.enable',
    setting: ['in_meeting.sign_language_interpretation.enable_sign_language_interpretation_by_default'],
    lock: ['in_meeting.sign_language_interpretation'],
    needs: ['in_meeting.sign_language_interpretation.enable'],
    licensed: true,
  },
  usePmi: {
    field: 'use_pmi',
    setting: ['schedule_meeting.use_pmi_for_scheduled_meetings'],
    lock: ['schedule_meeting.use_pmi_for_scheduled_meetings'],
    needs: ['schedule_meeting.personal_meeting'],
  },
  approvalType: {
    field: 'approval_type',
    values: { automatic: 0, manual: 1, none: 2 },
    licensed: true,
  },
}

/** What people write, in the words of Zoom's `settings` and back. Undefined: Zoom says nothing of it. */
const texts: {
  readonly [Name in Exclude<TextName, 'passcode' | 'zoomTemplate'>]: {
    to(text: string): Settings
    from(settings: Settings): unknown
    licensed?: true
    /** Where this setting is false, the person does not have it. */
    needs?: string
  }
} = {
  alternativeHosts: {
    to: (alternative_hosts) => ({ alternative_hosts }),
    from: ({ alternative_hosts }) => alternative_hosts,
    licensed: true,
  },
  interpreters: {
    to: (text) => interpreting('language_interpretation', 'interpreter_languages', text),
    from: (settings) => interpretersIn(settings, 'language_interpretation', 'interpreter_languages'),
    licensed: true,
    needs: 'in_meeting.language_interpretation.enable',
  },
  signLanguageInterpreters: {
    to: (text) => interpreting('sign_language_interpretation', 'sign_language', text),
    from: (settings) => interpretersIn(settings, 'sign_language_interpretation', 'sign_language'),
    licensed: true,
    needs: 'in_meeting.sign_language_interpretation.enable',
  },
  dialInCountries: {
    to: (text) => ({ global_dial_in_countries: listIn(text) }),
    from: ({ global_dial_in_countries: list }) => listOf(list),
  },
  authenticationProfile: {
    to: (authentication_option) => (authentication_option ? { authentication_option } : {}),
    from: ({ authentication_option }) => authentication_option,
  },
  dataCenterRegions: {
    to: (text) => (text ? { additional_data_center_regions: listIn(text) } : {}),
    // Zoom says nothing of it in a meeting.
    from: () => undefined,
  },
  countries: {
    to(text) {
      const [method, countries] = text.split(':') as [string, string?]
      const list = method === 'deny' ? 'denied_list' : 'approved_list'
      const value = countries ? { enable: true, method, [list]: countries.split(';') } : { enable: false }
      return { approved_or_denied_countries_or_regions: value }
    },
    from({ approved_or_denied_countries_or_regions: rule }) {
      if (at(rule, 'enable') === false) return ''
      const list = listOf(at(rule, at(rule, 'method') === 'deny' ? 'denied_list' : 'approved_list'))
      return list === undefined ? undefined : `${at(rule, 'method')}:${list}`
    },
  },
}

/** Zoom's codes of data-centre regions. Source: Zoom Users API, "Get user settings". */
const regions = {
  AU: 'Australia',
  LA: 'Latin America',
  CA: 'Canada',
  CN: 'China',
  DE: 'Germany',
  HK: 'Hong Kong SAR',
  IN: 'India',
  IE: 'Ireland',
  TY: 'Japan',
  MX: 'Mexico',
  NL: 'Netherlands',
  SG: 'Singapore',
  US: 'United States',
}

const settingTexts = Object.keys(texts) as (keyof typeof texts)[]

const listIn = (text: string) => text.split(';').filter(Boolean)
const listOf = (list: unknown) => (Array.isArray(list) ? list.join(';') : undefined)

/** Who interprets also interprets in fact: some change of a meeting may have left it off. */
function interpreting(field: string, languages: string, text: string): Settings {
  const interpreters = listIn(text).map((one) => {
    const [email, ...spoken] = one.split(',')
    return { email, [languages]: spoken.join(',') }
  })
  return { [field]: { ...(interpreters.length > 0 && { enable: true }), interpreters } }
}

/** Undefined: Zoom says nothing of interpreters. */
function interpretersIn(settings: Settings, field: string, languages: string): string | undefined {
  const list = at(settings, `${field}.interpreters`)
  if (!Array.isArray(list)) return undefined
  return list.map((one) => `${at(one, 'email')},${at(one, languages)}`).join(';')
}

/** The parts of a body that have options. */
export interface OptionsBody {
  settings: Settings
  password?: string
  template_id?: string
}

/** Options in Zoom's words. Empty texts beside the settings say nothing. */
export function bodyFrom(options: Options): OptionsBody {
  const { passcode, zoomTemplate } = options
  return {
    settings: settingsFrom(options),
    ...(passcode && { password: passcode }),
    ...(zoomTemplate && { template_id: zoomTemplate }),
  }
}

function settingsFrom(options: Options): Settings {
  const settings: Record<string, unknown> = {}
  for (const name of optionNames) {
    const value = options[name]
    if (value === undefined) continue
    const [field, inner] = rows[name].field.split('.') as [string, string?]
    const theirs = theirsOf(name, value)
    settings[field] = inner ? { [inner]: theirs } : theirs
  }
  for (const name of settingTexts) {
    const text = options[name]
    if (text === undefined || isOff(options, name)) continue
    for (const [field, value] of Object.entries(texts[name].to(text)))
      settings[field] = isObject(value) ? { ...value, ...(settings[field] as object) } : value
  }
  return settings
}

/** What the text is about is off. */
const isOff = (options: Options, name: TextName) =>
  childNames.some((child) => child === name && options[parentOf[child]] === 'off')

interface Has {
  settings?: Settings | null | undefined
  password?: string | null | undefined
}

/** The options of which a meeting says something. */
export const optionsOf = ({ settings, password }: Has): Options => ({
  ...(typeof password === 'string' && { passcode: password }),
  ...choicesIn((name) => at(settings, rows[name].field)),
  ...Object.fromEntries(
    settingTexts.flatMap((name) => {
      const text = settings && texts[name].from(settings)
      const { pattern, maxLength } = optionTexts[name]
      const isFit =
        typeof text === 'string' && text.length <= maxLength && new RegExp(pattern, 'u').test(text)
      return isFit ? [[name, text]] : []
    }),
  ),
})

/** What Zoom says of a person: each part undefined if Zoom does not answer, or does not let the service ask. */
export interface Account {
  /** 1: Basic. 2: Licensed. */
  type: number | undefined
  settings: Settings | undefined
  /** Those of the account and of the person's groups. */
  locks: readonly Settings[]
}

/** What a person can choose, as their Zoom account says. What is not known is neither locked nor missing. */
export function allowedBy({ type, settings, locks }: Account) {
  const isMissing = (path: string) => at(settings, path) === false
  const profiles = profileList
    .parse(settings?.authentication_options)
    .flatMap((one) => (one && one.visible !== false ? one : []))
  const profileOfNew = profiles.find((one) => one.default_option)?.id
  return {
    /** What a new meeting gets. */
    defaults: {
      ...choicesIn((name) => first(settings, rows[name].setting)),
      ...(profileOfNew && { authenticationProfile: profileOfNew }),
    } as Options,
    /** What the account has, as far as Zoom says: the names by the ids. */
    offered: {
      authenticationProfile: Object.fromEntries(
        profiles.map(({ id, name, domains }) => [id, domains ? `${name} (${domains})` : name]),
      ),
      dataCenterRegions: regionsBesides(settings),
      interpreters: languagesIn(settings, 'language_interpretation'),
      signLanguageInterpreters: languagesIn(settings, 'sign_language_interpretation'),
    } as Record<OfferedName, Offered>,
    locked: optionNames.filter((name) =>
      rows[name].lock?.some((path) => locks.some((lock) => at(lock, path) === true)),
    ),
    missing: [
      ...optionNames.filter(
        (name) => rows[name].needs?.some(isMissing) || (rows[name].licensed && type === basic),
      ),
      ...settingTexts.filter(
        (name) => (texts[name].licensed && type === basic) || isMissing(texts[name].needs ?? ''),
      ),
    ] as (OptionName | TextName)[],
    /** The values that the person does not have. */
    without(name: OptionName): string[] {
      const needs: Readonly<Record<string, string | undefined>> = rows[name].valueNeeds ?? {}
      return optionValues[name].filter((value) => {
        const path = needs[value]
        return (path && isMissing(path)) || (name === 'autoRecording' && value === 'cloud' && type === basic)
      })
    },
  }
}
const basic = 1

/** The languages of Zoom, and those that the account has added. */
function languagesIn(settings: Settings | undefined, field: string): Offered {
  const all = ['languages', 'custom_languages'].flatMap((list) => at(settings, `in_meeting.${field}.${list}`))
  const fit = all.filter((one) => typeof one === 'string' && /^[^;,\p{Cc}]{1,64}$/u.test(one)) as string[]
  return Object.fromEntries(fit.map((one) => [one, one]))
}

/** The regions that a meeting can get besides those that its host has chosen. None, where the host cannot choose. */
function regionsBesides(settings: Settings | undefined): Offered {
  const own = at(settings, 'in_meeting.data_center_regions')
  if (at(settings, 'in_meeting.custom_data_center_regions') !== true || !Array.isArray(own)) return {}
  return Object.fromEntries(Object.entries(regions).filter(([code]) => !own.includes(code)))
}
export type Allowed = ReturnType<typeof allowedBy>

function theirsOf(name: OptionName, value: string): unknown {
  const values: Readonly<Record<string, unknown>> = rows[name].values ?? onAndOff
  return values[value]
}
const onAndOff = { on: true, off: false }

/** A value that Zoom has and we do not counts as none. */
const choicesIn = (read: (name: OptionName) => unknown): Choices =>
  Object.fromEntries(
    optionNames.flatMap((name) => {
      const theirs = read(name)
      const value = optionValues[name].find((one) => theirsOf(name, one) === theirs)
      return value === undefined ? [] : [[name, value]]
    }),
  )

const first = (from: unknown, paths: readonly string[] = []) =>
  paths.map((path) => at(from, path)).find((value) => value !== undefined)

/** What is at a path, `a.b`. Undefined: nothing. */
function at(from: unknown, path: string): unknown {
  return path.split('.').reduce((part, name) => (isObject(part) ? part[name] : undefined), from)
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
