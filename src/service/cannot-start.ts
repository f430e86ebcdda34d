/** What an exit code tells whoever starts the service again (sysexits.h: `EX_TEMPFAIL`, `EX_CONFIG`). */
export const exitCodes = {
  /** A bug. The log has where. */
  bug: 1,
  /** Something outside does not answer or is busy: to start again later may help. */
  later: 75,
  /** An administrator has to change something first. */
  settings: 78,
} as const

/** Why the service cannot start. The message is for an administrator, and says what to do. */
export class CannotStart extends Error {
  readonly exitCode: (typeof exitCodes)['later' | 'settings']

  constructor(message: string, exitCode: CannotStart['exitCode'] = exitCodes.settings, cause?: unknown) {
    super(message, { cause })
    this.name = 'CannotStart'
    this.exitCode = exitCode
  }
}
