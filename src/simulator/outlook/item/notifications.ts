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

/** In the order of the numbers that Office.js sends. */
export const notificationTypes = [
  'informationalMessage',
  'progressIndicator',
  'errorMessage',
  'insightMessage',
] as const
export type NotificationType = (typeof notificationTypes)[number]

/** An add-in can have so many on one item. */
export const mostNotifications = 5
