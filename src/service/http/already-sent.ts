import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'

/**
 * What a route returns that has written Node's answer itself. It is a copy: the library would send its own object once more
 * where a server listened before that object was made (@hono/node-server 2.1.9).
 */
export const alreadySent = (): Response => RESPONSE_ALREADY_SENT.clone()
