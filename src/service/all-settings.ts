import { auditSettings } from './audit/settings.ts'
import { connectionsSettings } from './connections/settings.ts'
import { identitySettings } from './identity/settings.ts'
import { policiesSettings } from './policies/settings.ts'
import { settingsReader } from './settings/read.ts'
import { serverSettings } from './settings/server.ts'
import { telemetrySettings } from './telemetry/settings.ts'
import { vaultSettings } from './vault/settings.ts'
import { zoomSettings } from './zoom/settings.ts'

/** Reads every setting of the service from the environment. Throws one error that names each invalid setting. */
export const readSettings = settingsReader(
  serverSettings,
  telemetrySettings,
  vaultSettings,
  auditSettings,
  zoomSettings,
  identitySettings,
  connectionsSettings,
  policiesSettings,
)
export type Settings = ReturnType<typeof readSettings>
