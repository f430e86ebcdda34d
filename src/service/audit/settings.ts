import { z } from 'zod'
import { type SettingsOf, settingsPart } from '../settings/read.ts'

/** Where the newest hash of the audit trail is written, outside the database. */
export const auditSettings = settingsPart({
  shape: { AUDIT_CHECKPOINT_FILE: z.string().min(1, 'is empty').optional() },
  rows: {
    AUDIT_CHECKPOINT_FILE: {
      says: 'a file outside the database to which the service appends [checkpoints of the audit trail](#12-the-audit-trail)',
      example: '/var/log/zoom-for-outlook/checkpoints.jsonl',
    },
  },
})
export type AuditSettings = SettingsOf<typeof auditSettings>
