import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'

/** Graph's errors by code, with their status. Source: Microsoft Graph, "Error responses" and "Outlook errors". */
const rows = {
  InvalidAuthenticationToken: [401, 'Access token is empty, malformed or for another audience.'],
  ErrorAccessDenied: [403, 'Access is denied. Check credentials and try again.'],
  Authorization_RequestDenied: [403, 'Insufficient privileges to complete the operation.'],
  Request_ResourceNotFound: [404, 'The resource does not exist.'],
  ErrorInvalidUser: [404, 'The requested user is invalid.'],
  MailboxNotEnabledForRESTAPI: [
    404,
    'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
  ],
  ErrorItemNotFound: [404, 'The specified object was not found in the store.'],
  ResourceNotFound: [404, 'The object was not found.'],
  ExtensionError: [404, 'Operation: Create; Exception: [Status Code: NotFound; Reason: Not Found]'],
  ErrorInvalidParameter: [400, 'A parameter is invalid.'],
  ErrorInvalidUrlQuery: [400, 'A query parameter is not supported.'],
  SyncStateNotFound: [410, 'The sync state generation is not found.'],
  ApplicationThrottled: [429, 'Application is over its limit.'],
  FailedDependency: [424, 'A request that this one depends on failed.'],
  BadRequest: [400, 'The request is invalid.'],
  InvalidRequest: [400, 'The request is invalid.'],
  ValidationError: [400, 'Subscription validation request failed.'],
  TimeZoneNotSupportedException: [400, 'A valid TimeZone value must be specified.'],
} as const

export type GraphCode = keyof typeof rows

/** A request that Graph refuses. */
export class GraphError extends Error {
  readonly status: (typeof rows)[GraphCode][0]

  constructor(
    readonly code: GraphCode,
    message: string = rows[code][1],
    readonly headers: Record<string, string> = {},
  ) {
    super(message)
    this.status = rows[code][0]
  }

  /** The answer in Graph's form. */
  answer(c: Context): Response {
    const innerError = {
      date: new Date().toISOString(),
      'request-id': randomUUID(),
      'client-request-id': randomUUID(),
    }
    const error = { code: this.code, message: this.message, innerError }
    return c.json({ error }, this.status, this.headers)
  }
}
