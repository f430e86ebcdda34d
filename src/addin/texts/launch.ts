import { launchTexts as english } from '../launch-event/texts.ts'
import { i18n } from './i18n.ts'

/** What the launch events say where they have a page. The script for classic Outlook is in one language each. */
export const launchTexts = i18n('launch', english)
