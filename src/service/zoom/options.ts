import { z } from 'zod'
import {
  type OptionName,
  type Options,
  type OptionsChange,
  optionNames,
} from '../../contract/meeting-options.ts'

/** A part of Zoom's answer that is not needed: null or another form counts as missing. */
export const optional = <T>(form: z.ZodType<T>) => form.nullish().catch(undefined)

/** The options as Zoom's `settings` have them. */
export const optionFields = {
  waiting_room: optional(z.boolean()),
  meeting_authentication: optional(z.boolean()),
  join_before_host: optional(z.boolean()),
  mute_upon_entry: optional(z.boolean()),
  host_video: optional(z.boolean()),
  participant_video: optional(z.boolean()),
  auto_recording: optional(z.enum(['none', 'local', 'cloud'])),
  alternative_hosts: optional(z.string().max(2048)),
}
export type OptionSettings = { readonly [Field in keyof typeof optionFields]?: unknown }

const fieldOf = (name: OptionName) =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as keyof OptionSettings

/** Options in Zoom's words. */
export const settingsFrom = ({ alternativeHosts, ...options }: OptionsChange): OptionSettings => ({
  ...Object.fromEntries(
    optionNames.flatMap((name) => {
      const value = options[name]
      if (value === undefined) return []
      return [[fieldOf(name), name === 'autoRecording' ? value : value === 'on']]
    }),
  ),
  ...(alternativeHosts !== undefined && { alternative_hosts: alternativeHosts }),
})

/** The options of which Zoom says something. */
export const optionsFrom = (settings: OptionSettings | null | undefined): Options =>
  Object.fromEntries(
    optionNames.flatMap((name) => {
      const value = settings?.[fieldOf(name)]
      if (value === undefined || value === null) return []
      return [[name, typeof value === 'boolean' ? (value ? 'on' : 'off') : value]]
    }),
  )
