import { auditSettings } from './audit/settings.ts'
import { connectionsSettings } from './connections/settings.ts'
import { connectorSettings } from './connector/settings.ts'
import { feedSettings } from './feed/settings.ts'
import { identitySettings } from './identity/settings.ts'
import { manifestSettings } from './manifest/settings.ts'
import { policiesSettings } from './policies/settings.ts'
import { type SettingRow, settingsReader } from './settings/read.ts'
import { referenceOf } from './settings/reference.ts'
import { serverSettings } from './settings/server.ts'
import { telemetrySettings } from './telemetry/settings.ts'
import { vaultSettings } from './vault/settings.ts'
import { zoomSettings } from './zoom/settings.ts'

/** In the order of the reference in docs/administrators.md. */
const parts = [
  serverSettings,
  manifestSettings,
  vaultSettings,
  auditSettings,
  identitySettings,
  connectionsSettings,
  feedSettings,
  connectorSettings,
  zoomSettings,
  policiesSettings,
  telemetrySettings,
] as const

/** Reads every setting of the service from the environment. Throws one error that names each invalid setting. */
export const readSettings = settingsReader(...parts)
export type Settings = ReturnType<typeof readSettings>

/** What administrators read of each setting. */
export const settingRows: Readonly<Record<string, SettingRow>> = Object.assign(
  {},
  ...parts.map(({ rows }) => rows),
)

/** The reference of all settings: a table in Markdown. */
export const settingsReference = () => referenceOf(parts)
