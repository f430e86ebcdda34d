import type { Part } from './outlook/link.ts'
import type { Scheduled } from './schedule.ts'
import { noticeTexts } from './texts/notices.ts'

/** The notification messages above the appointment. */
export const notices = {
  adding: () => noticeTexts.get().adding,
  checking: () => noticeTexts.get().checking,
  scheduled({ outcome, remaining, withoutLocation }: Scheduled): string {
    const texts = noticeTexts.get()
    return joined(texts[outcome], withoutLocation ? texts.withoutLocation : stillThere('earlier', remaining))
  },
  removed: (remaining: readonly Part[]) => joined(noticeTexts.get().removed, stillThere('own', remaining)),
}

/** Chinese and Japanese have no space between sentences. */
const joined = (...sentences: string[]) => sentences.filter(Boolean).join(' ').replace(/。 /g, '。')

/** Says what could not be taken out of the appointment. */
function stillThere(whose: 'own' | 'earlier', remaining: readonly Part[]): string {
  const [part, other] = remaining
  if (!part) return ''
  const what = other ? 'BothStay' : part === 'location' ? 'LinkStays' : 'InvitationStays'
  return noticeTexts.get()[`${whose}${what}`]
}
