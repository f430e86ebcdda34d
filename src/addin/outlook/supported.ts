import { type Item, openItem as wholeItem } from './item.ts'

/** Members that came after Mailbox 1.5, which is all that some servers and the phones have. */
const since = { recurrence: '1.7', enhancedLocation: '1.8', getItemIdAsync: '1.8' } as const

/** The open appointment without what this Outlook would refuse: Office.js has every member everywhere. */
export function openItem(): Item {
  const { requirements } = Office.context
  const missing = Object.entries(since).filter(
    ([, version]) => !requirements.isSetSupported('Mailbox', version),
  )
  const nothing = missing.map(([member]) => [member, { value: undefined }])
  return Object.create(wholeItem(), Object.fromEntries(nothing)) as Item
}
