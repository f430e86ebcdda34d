import { askAgain } from './ask.ts'
import type { Writable } from './item.ts'
import type { Made, Part } from './link.ts'
import { locationOf } from './write.ts'

/**
 * Takes a meeting's join link out of the location and, if `mayTidy`, its invitation out of the text. Returns the parts that
 * remain. The rest of the location and of the text stays as it is.
 */
export async function eraseMeeting(
  item: Writable,
  made: Made,
  mayTidy: () => Promise<boolean>,
): Promise<Part[]> {
  const erasers: Record<Part, () => Promise<boolean>> = {
    location: () => eraseLocation(item, made),
    body: async () => (await mayTidy()) && eraseInvitation(made),
  }
  const remaining: Part[] = []
  for (const part of ['location', 'body'] as const)
    if (!(await erasers[part]().catch(() => false))) remaining.push(part)
  return remaining
}

async function eraseLocation({ enhancedLocation }: Writable, { meeting }: Made): Promise<boolean> {
  if (!enhancedLocation) return true
  await askAgain<void>((done) => enhancedLocation.removeAsync([locationOf(meeting)], done))
  return true
}

/** The code that reads the text is loaded only here, after somebody has switched tidying on. */
async function eraseInvitation({ meeting: { joinUrl }, text }: Made): Promise<boolean> {
  return (await import('./tidy.ts')).tidy({ joinUrl, text })
}
