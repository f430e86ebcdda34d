import { z } from 'zod'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

/** Where the newest hash of the audit trail is written, outside the database. */
export const auditSettings = settingsPart({
  shape: { AUDIT_CHECKPOINT_FILE: z.string().min(1, 'is empty').optional() },
})
export type AuditSettings = SettingsOf<typeof auditSettings>
