import { askAgain } from './ask.ts'

/** The one setting that the person has: whether to tidy the invitation text. Outlook stores it in the mailbox. */
const name = 'tidyInvitation'

export function wantsTidy(): boolean {
  return Office.context.roamingSettings.get(name) === true
}

/** Throws if Outlook does not save it; the setting then stays as it was. */
export async function chooseTidy(wanted: boolean): Promise<void> {
  const { roamingSettings } = Office.context
  const before = wantsTidy()
  roamingSettings.set(name, wanted)
  try {
    await askAgain<void>((done) => roamingSettings.saveAsync(done))
  } catch (problem) {
    roamingSettings.set(name, before)
    throw problem
  }
}
