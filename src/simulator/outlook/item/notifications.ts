/** One line of the info bar above an appointment. */
export interface Notification {
  key: string
  type: NotificationType
  message: string
  /** Resource id of an image in the manifest. */
  icon?: string
  persistent?: boolean
  actions?: { actionType: string; actionText: string; commandId: string; contextData?: unknown }[]
}

/** Index: the number that Office.js sends. */
export const notificationTypes = [
  'informationalMessage',
  'progressIndicator',
  'errorMessage',
  'insightMessage',
] as const
export type NotificationType = (typeof notificationTypes)[number]

/** An add-in's limit per item. */
export const mostNotifications = 5
