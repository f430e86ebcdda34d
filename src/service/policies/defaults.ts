import { optionNames } from '../../contract/meeting-options.ts'
import { type DecidedName, decidedTexts, type Policies } from '../../contract/policies.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { PoliciesSettings } from './settings.ts'

/** Of no option anything is decided. */
const optionsAsInZoom = Object.fromEntries(
  [...optionNames, ...decidedTexts].map((name) => [name, 'zoom']),
) as Record<Exclude<DecidedName, 'alternativeHosts'>, 'zoom'>

/** The values of people whom no rule is about, as the settings say. */
export const defaultsFrom = ({
  CALENDAR_PERMISSION: calendar,
  TIDY_INVITATION: tidyForEverybody,
  EVERY_MEETING: inEvery,
  CALENDAR_SYNC: isSynced,
}: Pick<ConnectionsSettings, 'CALENDAR_PERMISSION'> & PoliciesSettings): Policies => ({
  calendar,
  contacts: 'off',
  apps: 'direct',
  zoomAccount: 'by-name',
  sync: isSynced ? 'on' : 'off',
  discarded: 'remove',
  zoomChanges: 'repair',
  tidy: tidyForEverybody ? 'on' : 'choice',
  everyMeeting: inEvery ? 'on' : 'off',
  exchangeSignIn: 'on',
  exchangeAccess: 'own-credential',
  zoomSignIn: 'on',
  invitationLogo: 'off',
  alternativeHosts: 'choice',
  ...optionsAsInZoom,
})
