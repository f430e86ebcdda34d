import { flag } from '../settings/forms.ts'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

/** The values of policies for people whom no rule is about, where no other part of the service has a setting for it. */
export const policiesSettings = settingsPart({
  shape: {
    EVERY_MEETING: flag.default(false),
    TIDY_INVITATION: flag.default(false),
    CALENDAR_SYNC: flag.default(true),
  },
  rows: {
    EVERY_MEETING: {
      says: '`true`: every new appointment gets a Zoom meeting without a click. A [policy](#14-policies) can decide otherwise',
      example: 'true',
    },
    TIDY_INVITATION: {
      says: '`true`: when a meeting is removed or replaced, its invitation is removed from the text, for everybody. `false`: each person chooses in the pane. A [policy](#14-policies) can decide otherwise',
      example: 'true',
    },
    CALENDAR_SYNC: {
      says: '`true`: Zoom meetings follow changes in [connected calendars](#calendar-sync). `false`: they do not, for example where Microsoft Graph cannot reach the service. A [policy](#14-policies) can decide otherwise',
      example: 'false',
    },
  },
})
export type PoliciesSettings = SettingsOf<typeof policiesSettings>
