import { ask } from './ask.ts'

/** The one thing that Outlook keeps for the person, in their mailbox: whether the invitation text is to be tidied. */
const name = 'tidyInvitation'

export function wantsTidy(): boolean {
  return Office.context.roamingSettings.get(name) === true
}

/** Throws when Outlook does not keep it; what was chosen before then counts on. */
export async function chooseTidy(wanted: boolean): Promise<void> {
  const { roamingSettings } = Office.context
  const before = wantsTidy()
  roamingSettings.set(name, wanted)
  try {
    await ask<void>((done) => roamingSettings.saveAsync(done))
  } catch (problem) {
    roamingSettings.set(name, before)
    throw problem
  }
}
