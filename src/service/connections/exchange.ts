import { type Account, accountFrom } from '../../contract/connections.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import type { Answer } from '../outbound/oauth.ts'
import { checkAccount, type Verdict } from '../providers/exchange/ews.ts'
import { Unanswered } from '../providers/exchange/one-connection.ts'
import { accountIn, type ExchangeServers, named } from './exchange-mailboxes.ts'
import type { Granted, Provider } from './provider.ts'
import type { RefusedPasswords } from './refused-passwords.ts'

const year = 365 * 24 * 3600

/**
 * The calendar of a mailbox on an Exchange server, by the person's own account: Exchange has no token that lasts. A few
 * failed attempts lock an account, so a password that the server has refused is deleted, and is not tried again. One whose
 * attempt was not answered is not tried for a while.
 */
export function exchange(servers: ExchangeServers, refusedPasswords: RefusedPasswords, log: Log): Provider {
  async function ask(
    { subject }: Caller,
    address: string,
    account: Account,
    signal: AbortSignal,
  ): Promise<Answer<Granted>> {
    const server = servers.get(address)
    if (!server) return { kind: 'misconfigured' }
    const began = performance.now()
    const verdict = await refusedPasswords
      .attempt(
        subject,
        account.password,
        signal,
        async (): Promise<Verdict | 'refused'> => {
          const verdict = await checkAccount(server, named(account), signal)
          return verdict.kind === 'refused' ? 'refused' : verdict
        },
        ({ kind }) => kind === 'accepted' || kind === 'no_calendar',
      )
      .then((came): Verdict => (came === 'refused' ? { kind: 'refused' } : came), notTried)
    log.info('exchange call', {
      method: 'POST',
      route: '/EWS/Exchange.asmx',
      server: new URL(server.ewsUrl).hostname,
      reason: verdict.kind,
      milliseconds: Math.round(performance.now() - began),
    })
    if (verdict.kind === 'refused') return { kind: 'refused', state: 'needs_sign_in' }
    if (verdict.kind === 'no_calendar') return { kind: 'refused', state: 'revoked_by_provider' }
    if (verdict.kind !== 'accepted') return verdict
    const refreshToken = JSON.stringify({ server: address, ...account })
    return { kind: 'granted', refreshToken }
  }

  return {
    name: 'exchange',
    keepsFor: year,
    checkedFor: 300,

    accepts: ({ server }) => server !== undefined && servers.has(server),
    // A password opens the whole mailbox, so a policy cannot lower it. The service opens no contacts with it.
    permits: ({ calendar }) => (calendar === 'off' ? undefined : { permission: 'read-write' }),
    async connect(caller, _wanted, { login }, signal) {
      const account = accountFrom(login)
      const retryAfter = await refusedPasswords.pauseOf(caller.subject)
      if (retryAfter) throw new Problem('too_many_passwords', { retryAfter })
      return ask(caller, caller.server ?? '', account, signal)
    },

    refresh(caller, _granted, secret, signal) {
      const { server, ...account } = accountIn(secret)
      return ask(caller, server, account, signal)
    },
  }
}

/** Nothing is known of the password: the attempt was not answered, or an earlier one was not, a while ago. */
function notTried(error: unknown): Verdict {
  if (error instanceof Unanswered) return { kind: 'down' }
  if (error instanceof Problem && error.code === 'calendar_busy') return { kind: 'down', ...error.details }
  throw error
}
