import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { Calendars } from '../../calendars.ts'
import type { Post } from '../../vendor.ts'
import { challengeMessage, isBound, isWhole, ntowfv2, proves, readAuthenticate, typeOf } from '../ntlm.ts'
import { createOperations } from './operations.ts'
import { busyDetail, busyFault, fault, read, responseOf } from './soap.ts'

/** An account of the server's domain. */
export interface ServerAccount {
  /** `tim.berners-lee`: it signs in as CONTOSO\tim.berners-lee, and as tim.berners-lee@contoso.example. */
  name: string
  password: string
  /** Failed attempts in a row. */
  failed: number
  /** Whether the account has a mailbox, and EWS may open it. */
  ews: 'open' | 'off' | 'no mailbox'
  /** Its mailbox has used up its share of the server. */
  isBusy?: boolean
  /** The addresses of those whose calendar it may change too, as a delegate with the rights of an editor. */
  edits?: readonly string[]
  /** Other addresses of the mailbox. Nobody acts as one of them. */
  aliases?: readonly string[]
  /** The addresses of the mailboxes that it may act as, by the role ApplicationImpersonation. */
  impersonates?: 'everybody' | readonly string[]
}

/** How the EWS folder is configured. */
export interface EwsFolder {
  schemes: readonly ('ntlm' | 'basic')[]
  /** Extended Protection. Both settings refuse bindings of another channel. */
  bindings: 'allow' | 'require'
  /** The hash of the signature of the server's certificate: SHA-256 unless it says another. */
  signedWith?: 'sha384' | 'sha512'
  /** In which of its three forms the server says that it is busy. */
  busy?: 'http' | 'fault' | 'message'
  /** How many servers the pool has; 1 by default. Each has every n-th mailbox, in the order of the accounts. */
  servers?: number
  /** The code of every answer from now on. */
  code?: string
  /** The operation that fails. */
  fails?: string
  /** The address to which a balancer leads everybody who has proved an account, or who comes at all. */
  movedTo?: string
  movesAll?: boolean
  /** The bytes of a state for changes; 99 by default. It grows with the items of a calendar, by about one byte for each. */
  stateBytes?: number
  /** A proxy before it keeps back what it streams. */
  holdsBack?: boolean
  /** A balancer answers each proof of an account with this status, after the server has judged it. */
  answersProofs?: 302 | 403 | 429 | 502 | 503 | 504
  /** It closes the connection after each answer, which NTLM does not survive. */
  closes?: boolean
}

/** So many failed attempts lock an account, even for the right password. */
const attemptsUntilLocked = 5
const domain = 'CONTOSO'
const dnsDomain = 'contoso.example'

/** What has been proved on a connection. */
interface Proved {
  negotiate?: Buffer
  challenge?: Buffer
  serverChallenge?: Buffer
  account?: ServerAccount | undefined
  /** How often connections had been forgotten before that. */
  forgotten?: number
}

/**
 * The folder /EWS of an Exchange server: Basic and NTLM, and what is asked of calendars. An account has the mailbox of its
 * name. Sources: [MS-NLMP], RFC 4559, RFC 7617, "EWS throttling in Exchange", "Impersonation and EWS in Exchange", "Maintain
 * affinity between a group of subscriptions and the Mailbox server".
 */
export function createEws(
  accounts: readonly ServerAccount[],
  folder: EwsFolder,
  calendars = new Calendars(),
  now = Date.now,
  post?: Post,
) {
  const operations = createOperations(calendars, now, post)
  const connections = new WeakMap<object, Proved>()
  let forgotten = 0
  const app = new Hono()
  app.post('/EWS/Exchange.asmx', async (c) => {
    if (folder.movedTo && folder.movesAll) return c.redirect(folder.movedTo)
    const account = await proved(c)
    if (folder.answersProofs && isProof(c.req.header('authorization')))
      return c.body(null, folder.answersProofs)
    if (folder.closes) c.header('connection', 'close')
    if (!account) return c.body(null, 401)
    if (folder.movedTo) return c.redirect(folder.movedTo)
    return answer(c, account, await c.req.text())
  })
  return {
    app,
    loseStates: operations.loseStates,
    streaming: operations.streaming,
    pushing: operations.pushing,
    inbox: operations.inbox,
    deleteCalendar: operations.deleteCalendar,
    /**
     * The server knows of no connection any more who it is, as after a restart. A handshake that has begun goes on: one that
     * breaks off would end with its connection, and not with a refusal.
     */
    forgetConnections(): void {
      forgotten++
    },
    reset: operations.reset,
  }

  /** Undefined: the answer is 401, and says what the server offers or asks next. */
  async function proved(c: Context): Promise<ServerAccount | undefined> {
    const socket = (c.env as { incoming: IncomingMessage }).incoming.socket
    const connection = connections.get(socket) ?? {}
    connections.set(socket, connection)
    const [scheme = '', given = ''] = (c.req.header('authorization') ?? '').split(' ')
    if (connection.forgotten !== forgotten) delete connection.account
    if (scheme === '' && connection.account) return connection.account
    const bytes = Buffer.from(given, 'base64')
    if (scheme.toLowerCase() === 'basic' && folder.schemes.includes('basic')) return byBasic(bytes)
    if (scheme.toLowerCase() === 'ntlm' && folder.schemes.includes('ntlm')) {
      if (typeOf(bytes) === 1) {
        connection.negotiate = bytes
        connection.serverChallenge = randomBytes(8)
        connection.challenge = challengeMessage(connection.serverChallenge, now())
        c.header('www-authenticate', `NTLM ${connection.challenge.toString('base64')}`)
        return undefined
      }
      if (typeOf(bytes) === 3) connection.account = await byNtlm(bytes, connection, socket)
      connection.forgotten = forgotten
      if (connection.account) return connection.account
    }
    for (const offered of folder.schemes)
      c.header('www-authenticate', offered === 'ntlm' ? 'NTLM' : 'Basic realm="mail"', { append: true })
    return undefined
  }

  function byBasic(bytes: Buffer): ServerAccount | undefined {
    const [name = '', ...password] = bytes.toString().split(':')
    const [given, user] = name.includes('\\') ? name.split('\\') : ['', name]
    return attempt(given ?? '', user ?? '', (account) => account.password === password.join(':'))
  }

  async function byNtlm(
    message: Buffer,
    connection: Proved,
    socket: object,
  ): Promise<ServerAccount | undefined> {
    const { negotiate, challenge, serverChallenge } = connection
    // The proof is for another connection's challenge: no password was tried.
    if (!negotiate || !challenge || !serverChallenge) return undefined
    const claim = readAuthenticate(message)
    const bound =
      socket instanceof TLSSocket ? isBound(claim, certificateOf(socket), folder.signedWith) : undefined
    if (bound === false || (bound === undefined && folder.bindings === 'require')) return undefined
    const account = find(claim.domain, claim.user)
    const key = await ntowfv2(account?.password ?? '', claim.user, claim.domain)
    return attempt(
      claim.domain,
      claim.user,
      () => proves(key, serverChallenge, claim) && isWhole(key, claim, negotiate, challenge),
    )
  }

  function attempt(
    given: string,
    user: string,
    isRight: (account: ServerAccount) => boolean,
  ): ServerAccount | undefined {
    const account = find(given, user)
    if (!account) return undefined
    const right = isRight(account) && account.failed < attemptsUntilLocked
    account.failed = right ? 0 : account.failed + 1
    return right ? account : undefined
  }

  function find(given: string, user: string): ServerAccount | undefined {
    const [name, suffix] = user.toLowerCase().split('@')
    if (given ? given.toUpperCase() !== domain : suffix !== dnsDomain) return undefined
    return accounts.find((account) => account.name === name)
  }

  /** The account's own mailbox, or the one that it acts as. A text is the code of the fault. */
  function mailboxOf(account: ServerAccount, actsAs: string | undefined): ServerAccount | string {
    if (actsAs === undefined) return account
    const { impersonates = [] } = account
    if (impersonates !== 'everybody' && !impersonates.includes(actsAs)) return 'ErrorImpersonateUserDenied'
    if (accounts.some(({ aliases }) => aliases?.includes(actsAs))) return 'ErrorNonPrimarySmtpAddress'
    return accounts.find((one) => addressOf(one) === actsAs) ?? 'ErrorNonExistentMailbox'
  }

  /** The server of the pool that gets a request: that of the cookie, of the anchor mailbox, or of the mailbox itself. */
  function serverFor(c: Context, mailbox: ServerAccount): number {
    const { servers = 1 } = folder
    const isHeld = c.req.header('x-preferserveraffinity')?.toLowerCase() === 'true'
    const cookie = isHeld ? getCookie(c, affinity) : undefined
    // One that is gone gets nothing.
    if (cookie !== undefined && Number(cookie) < servers) return Number(cookie)
    const anchor = c.req.header('x-anchormailbox')
    const index = accounts.findIndex((one) => (anchor ? addressOf(one) === anchor : one === mailbox))
    const server = Math.max(0, index) % servers
    if (isHeld) setCookie(c, affinity, String(server), { path: '/', secure: true, httpOnly: true })
    return server
  }

  function answer(c: Context, account: ServerAccount, text: string): Response {
    const { ews, name } = account
    if (folder.busy === 'http') return c.body(null, 503, { 'retry-after': '60' })
    if (folder.busy === 'fault') return c.body(busyFault, 500, xml)
    if (ews === 'off') return c.body(null, 403)
    const answered = read(text, (asked) => {
      const { operation } = asked
      const inside = operation === 'GetItem' ? '<m:Items/>' : ''
      const says = (code: string, more = '') => responseOf(operation, [{ code, more, inside }])
      if (folder.busy === 'message') return says('ErrorInternalServerError', busyDetail)
      const mailbox = mailboxOf(account, asked.actsAs)
      if (typeof mailbox === 'string') return new Response(fault(mailbox), { status: 500, headers: xml })
      if (mailbox.ews === 'off') return new Response(null, { status: 403 })
      if (mailbox.ews === 'no mailbox') return says('ErrorNonExistentMailbox')
      if (mailbox.isBusy) return says('ErrorInternalServerError', busyDetail)
      if (folder.code) return says(folder.code)
      if (folder.fails === operation) return says('ErrorInternalServerError')
      if (folder.holdsBack && operation === 'GetStreamingEvents') return new Response(new ReadableStream())
      const { impersonates } = account
      const at = {
        by: `${name} ${asked.actsAs ?? ''}`,
        stateBytes: folder.stateBytes ?? 99,
        server: serverFor(c, mailbox),
        mayOpen: (owner: string) =>
          owner === addressOf(account) ||
          impersonates === 'everybody' ||
          impersonates?.includes(owner) === true,
      }
      const said = operations.answer(addressOf(mailbox), asked, at, mailbox.edits)
      return Array.isArray(said) ? responseOf(operation, said) : said
    })
    if (answered instanceof Response) return answered
    return answered ? c.body(answered, 200, xml) : c.body(fault('ErrorInvalidRequest'), 500, xml)
  }
}

export type Ews = ReturnType<typeof createEws>

/** The cookie by which requests about subscriptions reach the server that has them. */
const affinity = 'X-BackEndOverrideCookie'
const addressOf = ({ name }: ServerAccount) => `${name}@${dnsDomain}`

/** Whether a request has a password, or proves one. */
function isProof(authorization = ''): boolean {
  const [scheme = '', given = ''] = authorization.split(' ')
  return scheme !== '' && (scheme.toLowerCase() === 'basic' || typeOf(Buffer.from(given, 'base64')) === 3)
}

const certificateOf = (socket: TLSSocket) => (socket.getCertificate() as { raw: Buffer }).raw

const xml = { 'content-type': 'text/xml; charset=utf-8' }
