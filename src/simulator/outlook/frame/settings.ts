/** What the host wrote into the name of the window that it opened for the add-in. */
export interface FrameSettings {
  /** Where messages go. */
  host: string
  bridge: 'absent' | 'throws' | 'there'
  transport: 'frames' | 'external' | 'webkit' | 'agave'
  /** What Outlook on Windows, and a dialog on Android, answers at once when it is asked where the add-in is. */
  context?: unknown[]
}

/** Undefined where no Outlook is around. */
export function frameSettings(): FrameSettings | undefined {
  try {
    return (JSON.parse(window.name) as { sim?: FrameSettings }).sim
  } catch {
    return undefined
  }
}
