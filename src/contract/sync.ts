/** Where Microsoft Graph sends change notifications, and what it says of the subscriptions themselves. */
export const syncPaths = {
  notifications: '/sync/graph',
  lifecycle: '/sync/graph/lifecycle',
} as const

/** Where Exchange servers that cannot stream call. After it come the lease of a mailbox and a secret. */
export const exchangePushPath = '/sync/exchange'

/** Where Zoom sends its events. */
export const zoomEventsPath = '/sync/zoom'
