import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { type Context, Hono } from 'hono'
import { challengeMessage, isBound, isWhole, ntowfv2, proves, readAuthenticate, typeOf } from './ntlm.ts'

/** An account of the server's domain. */
export interface ServerAccount {
  /** `tim.berners-lee`: it signs in as CONTOSO\tim.berners-lee, and as tim.berners-lee@contoso.example. */
  name: string
  password: string
  /** Failed attempts in a row. */
  failed: number
  /** Whether the account has a mailbox, and EWS may open it. */
  ews: 'open' | 'off' | 'no mailbox'
}

/** How the EWS folder is configured. */
export interface EwsFolder {
  schemes: readonly ('ntlm' | 'basic')[]
  /** Extended Protection. Both settings refuse bindings of another channel. */
  bindings: 'allow' | 'require'
  /** In which of its three forms the server says that it is busy. */
  busy?: 'http' | 'fault' | 'message'
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
}

/**
 * The folder /EWS of an Exchange server: Basic and NTLM, and the one operation `GetFolder`. Sources: [MS-NLMP],
 * RFC 4559, RFC 7617, [MS-OXWSFOLD], "EWS throttling in Exchange".
 */
export function createEws(accounts: readonly ServerAccount[], folder: EwsFolder, now = Date.now): Hono {
  const connections = new WeakMap<object, Proved>()
  const app = new Hono()
  app.post('/EWS/Exchange.asmx', async (c) => {
    const account = await proved(c)
    if (folder.closes) c.header('connection', 'close')
    if (!account) return c.body(null, 401)
    return answer(c, account)
  })
  return app

  /** Undefined: the answer is 401, and says what the server offers or asks next. */
  async function proved(c: Context): Promise<ServerAccount | undefined> {
    const socket = (c.env as { incoming: IncomingMessage }).incoming.socket
    const connection = connections.get(socket) ?? {}
    connections.set(socket, connection)
    const [scheme = '', given = ''] = (c.req.header('authorization') ?? '').split(' ')
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
    const bound = socket instanceof TLSSocket ? isBound(claim, certificateOf(socket)) : undefined
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

  function answer(c: Context, { ews }: ServerAccount): Response {
    if (folder.busy === 'http') return c.body(null, 503, { 'retry-after': '60' })
    if (folder.busy === 'fault') return c.body(busyFault, 500, xml)
    if (ews === 'off') return c.body(null, 403)
    if (folder.busy === 'message') return c.body(message('ErrorInternalServerError', busyDetail), 200, xml)
    if (ews === 'no mailbox') return c.body(message('ErrorNonExistentMailbox'), 200, xml)
    return c.body(message('NoError', calendar), 200, xml)
  }
}

const certificateOf = (socket: TLSSocket) => (socket.getCertificate() as { raw: Buffer }).raw

const xml = { 'content-type': 'text/xml; charset=utf-8' }
const types = 'http://schemas.microsoft.com/exchange/services/2006/types'
const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages'

const calendar = `<m:Folders><t:CalendarFolder><t:FolderId Id="AQAA" ChangeKey="AgAA"/></t:CalendarFolder></m:Folders>`
const busyDetail = `<m:MessageXml><t:Value Name="InnerErrorResponseCode">ErrorServerBusy</t:Value><t:Value Name="BackOffMilliseconds">45000</t:Value></m:MessageXml>`

const envelope = (body: string) =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`

const message = (code: string, inside = '') =>
  envelope(
    `<m:GetFolderResponse xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="${code === 'NoError' ? 'Success' : 'Error'}"><m:ResponseCode>${code}</m:ResponseCode>${inside}</m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse>`,
  )

const busyFault = envelope(
  `<s:Fault><faultcode xmlns:a="${types}">a:ErrorServerBusy</faultcode><faultstring>The server cannot service this request right now. Try again later.</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">ErrorServerBusy</e:ResponseCode><t:MessageXml xmlns:t="${types}"><t:Value Name="BackOffMilliseconds">30000</t:Value></t:MessageXml></detail></s:Fault>`,
)
