import {
  type Account,
  accountFrom,
  codeSays,
  mailboxFrom,
  provedMailboxFrom,
} from '../../contract/connections.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import type { Answer } from '../outbound/oauth.ts'
import type { Policies } from '../policies/policies.ts'
import { checkAccount, requireFree, saveMessage, type Verdict, verdictIn } from '../providers/exchange/ews.ts'
import { openedIn } from './exchange-mailboxes.ts'
import { type ExchangeServers, named } from './exchange-servers.ts'
import type { MailboxCodes } from './mailbox-codes.ts'
import type { Granted, Provider } from './provider.ts'
import type { RefusedPasswords } from './refused-passwords.ts'
import type { ServiceAccounts } from './service-accounts.ts'

interface Needs {
  servers: ExchangeServers
  refusedPasswords: RefusedPasswords
  serviceAccounts: ServiceAccounts
  codes: MailboxCodes
  policies: Pick<Policies, 'of'>
  audit: Pick<Audit, 'record'>
  log: Log
}

/** How long it takes at most to put a message into a mailbox, in milliseconds. */
const codeDeadline = 15_000
const year = 365 * 24 * 3600

export type ExchangeProvider = ReturnType<typeof exchange>

/**
 * The calendar of a mailbox on an Exchange server. Exchange has no token that lasts, so it is opened by the person's own account,
 * or by a service account that acts for the mailbox. A few failed attempts lock an account, so a password that the server
 * has refused is deleted, and is not tried again. One whose attempt was not answered is not tried for a while.
 */
export function exchange(needs: Needs) {
  const { servers, refusedPasswords, serviceAccounts, codes, policies, audit, log } = needs
  const isByServiceAccount = async (caller: Caller) =>
    (await policies.of(caller)).exchangeAccess === 'service-account'

  async function byAccount(
    { subject }: Caller,
    address: string,
    account: Account,
    signal: AbortSignal,
    isConnected = false,
  ): Promise<Answer<Granted>> {
    const server = servers.get(address)
    if (!server) return { kind: 'misconfigured' }
    const verdict = await told(address, () =>
      refusedPasswords
        .attempt(subject, account.password, signal, async (): Promise<Verdict | 'refused'> => {
          const verdict = await checkAccount(server, named(account), signal)
          return verdict.kind === 'refused' ? 'refused' : verdict
        })
        .then((came): Verdict => (came === 'refused' ? { kind: 'refused' } : came)),
    )
    return answerOf(verdict, { refreshToken: JSON.stringify({ server: address, ...account }) }, isConnected)
  }

  /** Asks the server as its service account, which acts for the mailbox. `body`: another operation than to look. */
  async function asMailbox(address: string, mailbox: string, until: AbortSignal, body?: string) {
    return told(address, () =>
      serviceAccounts.prove(serviceAccounts.idOf(address), async ({ server, account }, soon) => {
        const signal = AbortSignal.any([until, soon])
        const asked = { actsAs: mailbox, ...(body && { body }) }
        const verdict: Verdict = await checkAccount(server, account, signal, asked)
        return verdict.kind === 'refused' ? 'refused' : verdict
      }),
    )
  }

  async function byServiceAccount(
    address: string,
    mailbox: string,
    signal: AbortSignal,
    isConnected = false,
  ): Promise<Answer<Granted>> {
    if (!servers.has(address)) return { kind: 'misconfigured' }
    const serviceAccount = serviceAccounts.idOf(address)
    const refreshToken = JSON.stringify({ server: address, mailbox })
    return answerOf(await asMailbox(address, mailbox, signal), { refreshToken, serviceAccount }, isConnected)
  }

  /** Throws `service_account_missing`, and `calendar_busy` if the server has said that it, or the mailbox, is busy. */
  async function requireFreeServiceAccount(address: string, mailbox: string): Promise<void> {
    requireFree({ ...(await serviceAccounts.current(serviceAccounts.idOf(address))), actsAs: mailbox })
  }

  async function told(address: string, act: () => Promise<Verdict>): Promise<Verdict> {
    const began = performance.now()
    const verdict = await act().catch(notTried)
    log.info('exchange call', {
      method: 'POST',
      route: '/EWS/Exchange.asmx',
      server: new URL(servers.get(address)?.ewsUrl ?? address).hostname,
      reason: verdict.kind,
      milliseconds: Math.round(performance.now() - began),
    })
    return verdict
  }

  return {
    name: 'exchange',
    keepsFor: year,
    checkedFor: 300,

    accepts: ({ server }) => server !== undefined && servers.has(server),
    /**
     * A password opens the whole mailbox, so a policy cannot lower it, and neither can the server limit a service account to
     * a calendar. The service opens no contacts with either.
     */
    permits: ({ calendar, exchangeAccess }) =>
      calendar === 'off'
        ? undefined
        : { permission: exchangeAccess === 'service-account' ? calendar : 'read-write' },
    asks: async (caller) => ((await isByServiceAccount(caller)) ? 'mailbox' : undefined),

    async connect(caller, _wanted, { login, mailbox }, signal) {
      const server = caller.server ?? ''
      const isByMailbox = mailbox !== undefined || isProof(login)
      if (isByMailbox !== (await isByServiceAccount(caller))) throw new Problem('calendar_way_changed')
      if (mailbox !== undefined) return byServiceAccount(server, mailbox, signal)
      if (isProof(login)) {
        const { mailbox, code } = provedMailboxFrom(login)
        await requireFreeServiceAccount(server, mailbox)
        await codes.use(caller.subject, server, mailbox, code)
        const answer = await byServiceAccount(server, mailbox, signal)
        if (answer.kind === 'down') await requireFreeServiceAccount(server, mailbox)
        return answer
      }
      const account = accountFrom(login)
      const retryAfter = await refusedPasswords.pauseOf(caller.subject)
      if (retryAfter) throw new Problem('too_many_passwords', { retryAfter })
      const answer = await byAccount(caller, server, account, signal)
      const endpoint = servers.get(server)
      if (answer.kind === 'down' && endpoint) requireFree({ server: endpoint, account: named(account) })
      return answer
    },

    async refresh(caller, _granted, secret, signal) {
      const { server, ...stored } = openedIn(secret)
      if ('mailbox' in stored !== (await isByServiceAccount(caller)))
        return { kind: 'refused', state: 'permission_lowered' }
      return 'mailbox' in stored
        ? byServiceAccount(server, stored.mailbox, signal, true).catch(ifMissing)
        : byAccount(caller, server, stored, signal, true)
    },

    /**
     * Puts a message with a code into the mailbox that the caller names. Who reads it has the mailbox: a delegate of the
     * calendar does not see the Inbox. `inLanguage`: a sentence as the person reads it. Throws `calendar_way_changed`, `too_many_codes`, `mailbox_not_opened`,
     * `service_account_missing`, `calendar_unreachable`, `calendar_busy`, `exchange_misconfigured`.
     */
    async sendCode(
      caller: ActiveCaller,
      named: unknown,
      inLanguage: (sentence: string) => string,
    ): Promise<void> {
      const mailbox = mailboxFrom(named)
      const { subject, server } = caller
      if (!server || !servers.has(server)) throw new Problem('not_supported')
      if (!(await isByServiceAccount(caller))) throw new Problem('calendar_way_changed')
      await requireFreeServiceAccount(server, mailbox)
      const code = await codes.make(subject, server, mailbox)
      const signal = AbortSignal.timeout(codeDeadline)
      const message = saveMessage(`Zoom for Outlook: ${code}`, `${code}\n\n${inLanguage(codeSays)}`)
      const verdict = await asMailbox(server, mailbox, signal, message)
      await audit.record({ act: 'code sent', caller: subject, detail: { reason: verdict.kind } })
      if (verdict.kind === 'accepted') return
      if (verdict.kind === 'down') await requireFreeServiceAccount(server, mailbox)
      if (verdict.kind === 'down')
        throw new Problem(
          'calendar_unreachable',
          verdict.retryAfter ? { retryAfter: verdict.retryAfter } : {},
        )
      throw new Problem(verdict.kind === 'misconfigured' ? 'exchange_misconfigured' : 'mailbox_not_opened')
    },
  } satisfies Provider & Record<'sendCode', unknown>
}

const isProof = (login: unknown) => typeof login === 'object' && login !== null && 'mailbox' in login

/** `isConnected`: what opens the mailbox is kept until it is clear that it does not any more. */
function answerOf(verdict: Verdict, granted: Granted, isConnected: boolean): Answer<Granted> {
  if (verdict.kind === 'refused') return { kind: 'refused', state: 'needs_sign_in' }
  if (verdict.kind === 'no_calendar' && verdict.mayPass && isConnected) return { kind: 'down' }
  if (verdict.kind === 'no_calendar') return { kind: 'refused', state: 'revoked_by_provider' }
  return verdict.kind === 'accepted' ? { kind: 'granted', ...granted } : verdict
}

/** Without its account the connection waits for an administrator, as is stored with the end of the account. */
function ifMissing(error: unknown): Answer<Granted> {
  if (error instanceof Problem && error.code === 'service_account_missing') return { kind: 'down' }
  throw error
}

/** Nothing is known of the password: nobody has judged it, or an earlier attempt was not answered, a while ago. */
function notTried(error: unknown): Verdict {
  if (error instanceof Problem && error.code === 'calendar_busy') return { kind: 'down', ...error.details }
  return verdictIn(error)
}
