import { i18n } from '../src/addin/texts/i18n.ts'
import '../src/addin/texts/apps.ts'
import '../src/addin/texts/connections.ts'
import '../src/addin/texts/dialog.ts'
import '../src/addin/texts/invitation.ts'
import '../src/addin/texts/launch.ts'
import '../src/addin/texts/notices.ts'
import '../src/addin/texts/options.ts'
import '../src/addin/texts/pane.ts'
import '../src/addin/texts/sent.ts'
import { notLoaded } from '../src/addin/functions/not-loaded.ts'
import { english as room } from '../src/app/room/texts.ts'
import { english as upcoming } from '../src/app/texts.ts'
import { appSignInSays } from '../src/contract/app-sign-in.ts'
import { codeSays, connectionKinds, stateNames, stateOf, syncSays } from '../src/contract/connections.ts'
import { differenceSays } from '../src/contract/difference.ts'
import { pageProblems } from '../src/contract/page-problems.ts'
import { problems } from '../src/contract/service-problems.ts'

/** A text, or its plural forms by the names of `Intl.PluralRules`. */
export type Text = string | Record<string, string>
/** Texts by group and key, as a file of `src/languages/` has them. */
export type Groups = Record<string, Record<string, Text>>

/** What only the console shows, which has languages of its own, or what only an app meets. */
const notInPane = new Set([
  'signature_refused',
  'not_an_administrator',
  'role_too_low',
  'second_factor_required',
  'only_by_command',
  'no_such_person',
  'apps_not_allowed',
  'contacts_not_allowed',
  'policies_changed',
  'invitation_changed',
  'invalid_invitation',
  'places_not_permitted',
  'no_such_room',
  'room_not_added',
  'room_systems_off',
  'no_room_system',
  'no_such_screen',
  'no_such_code',
  'screen_not_paired',
  'mailbox_not_reached',
  'no_such_mailbox',
  'mailbox_not_connected',
  'mailbox_not_allowed',
  'access_revoked',
  'application_missing',
  'application_misconfigured',
  'graph_unreachable',
  'service_account_refused',
  'no_such_server',
  'no_such_key',
  'key_in_use',
  'key_removal_asked',
  'key_removal_not_asked',
  'second_administrator_required',
])

const bySelf = (sentences: string[]) => Object.fromEntries(sentences.map((sentence) => [sentence, sentence]))

/** What the pages say in English: what a file of `src/languages/pages/` translates. */
export const pageTexts: Groups = {
  ...(i18n.cache.en as unknown as Groups),
  functions: { notLoaded },
  sentences: bySelf(Object.values(pageProblems).map(({ says }) => says)),
}

/** What *Upcoming* says in English: what a file of `src/languages/upcoming/` translates. */
export const upcomingTexts: Groups = { upcoming }

/** What the screen of a room says in English: what a file of `src/languages/room/` translates. */
export const roomTexts: Groups = { room }

/** What the service says in English to people in the pane: what a file of `src/languages/service/` translates. */
export const serviceTexts: Groups = {
  sentences: bySelf([
    ...Object.entries(problems)
      .filter(([code]) => !(code in pageProblems) && !notInPane.has(code))
      .map(([, { says }]) => says),
    ...connectionKinds.flatMap((kind) => stateNames.map((state) => stateOf(kind, state).says)),
    ...Object.values(syncSays),
    codeSays,
    ...Object.values(appSignInSays),
    ...Object.values(differenceSays),
  ]),
}

/** Why a field is wrong. A language needs not have every reason. */
export const reason = /^Its (title|start|length|time zone|recurrence) [\w ]+\.$/
