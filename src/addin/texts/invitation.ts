import { invitationLabels } from '../../contract/invitation.ts'
import { i18n } from './i18n.ts'

/** What the invitation in the text of the appointment says. */
export const invitationTexts = i18n('invitation', invitationLabels)
