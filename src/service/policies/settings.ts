import { flag } from '../settings/forms.ts'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

/** The values of policies for people whom no rule is about, where no other part of the service has a setting for it. */
export const policiesSettings = settingsPart({
  shape: {
    EVERY_MEETING: flag.default(false),
    TIDY_INVITATION: flag.default(false),
    CALENDAR_SYNC: flag.default(true),
  },
})
export type PoliciesSettings = SettingsOf<typeof policiesSettings>
