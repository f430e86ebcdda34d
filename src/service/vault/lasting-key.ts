import { randomBytes } from 'node:crypto'
import type { Log } from '../log.ts'
import type { Credentials } from './credentials.ts'
import type { Owner } from './seal.ts'
import { sharedSecret } from './shared-secret.ts'

/** The service's own application, whose keys they are. */
export interface App {
  accountId: string
  clientId: string
}

/** The key does not end. */
const century = 100 * 365 * 24 * 3600

/**
 * A key of the service for one purpose: 32 random bytes, made at the first use, and the same in all processes. A process that
 * cannot open it throws `service_unreachable`: another process may, and what was sealed with it must not be lost.
 */
export function lastingKey(app: App, purpose: Owner['purpose'], credentials: Credentials, log: Log) {
  const owner = {
    organisation: app.accountId,
    caller: `app:${app.clientId}`,
    provider: 'zoom',
    purpose,
  } as const
  const fetch = async () => ({ secret: randomBytes(32).toString('base64url'), seconds: century })
  const key = sharedSecret({ credentials, owner, fetch, isLasting: true, log })
  return async () => Buffer.from(await key.current(), 'base64url')
}
