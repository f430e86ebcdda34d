import { type Item, openItem as wholeItem } from './item.ts'

/** Members that are newer than Mailbox 1.5, the requirement set of some Exchange servers and of phones. */
const since = { recurrence: '1.7', enhancedLocation: '1.8', getItemIdAsync: '1.8' } as const

/** The open appointment without the members that this Outlook does not support: Office.js itself defines them all. */
export function openItem(): Item {
  const { requirements, platform } = Office.context
  const missing = Object.entries(since)
    .filter(([, version]) => !requirements.isSetSupported('Mailbox', version))
    .map(([member]) => member)
  // Phones have the requirement set of notification messages, but do not show them.
  const phones = [Office.PlatformType.iOS, Office.PlatformType.Android]
  if (phones.includes(platform)) missing.push('notificationMessages')
  const absent = missing.map((member) => [member, { value: undefined }])
  return Object.create(wholeItem(), Object.fromEntries(absent)) as Item
}
