/** Where Microsoft Graph sends change notifications, and what it says of the subscriptions themselves. */
export const syncPaths = {
  notifications: '/sync/graph',
  lifecycle: '/sync/graph/lifecycle',
} as const

/** Where Zoom sends its events. */
export const zoomEventsPath = '/sync/zoom'
