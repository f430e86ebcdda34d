import { type Item, openItem as wholeItem } from './item.ts'

/** Members that came after Mailbox 1.5, which is all that some servers and the phones have. */
const since = { recurrence: '1.7', enhancedLocation: '1.8', getItemIdAsync: '1.8' } as const

/** The open appointment without what this Outlook would refuse: Office.js has every member everywhere. */
export function openItem(): Item {
  const { requirements, platform } = Office.context
  const missing = Object.entries(since)
    .filter(([, version]) => !requirements.isSetSupported('Mailbox', version))
    .map(([member]) => member)
  // They have the requirement set of the lines above an appointment, and not the lines.
  const phones = [Office.PlatformType.iOS, Office.PlatformType.Android]
  if (phones.includes(platform)) missing.push('notificationMessages')
  const nothing = missing.map((member) => [member, { value: undefined }])
  return Object.create(wholeItem(), Object.fromEntries(nothing)) as Item
}
