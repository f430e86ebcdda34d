import { z } from 'zod'
import type { Calendars } from '../calendars.ts'
import { makeCertificate } from '../kit/certificate.ts'
import { type Mailbox, type MailboxId, mailboxes } from '../people.ts'
import type { ControlRoute, OpenVendor, Situations, Surroundings } from '../vendor.ts'
import { clientId, clientSecret, serverPassword } from './app.ts'
import { createEntra, type Entra } from './entra.ts'
import { createEws, type Ews, type EwsFolder, type ServerAccount } from './ews/server.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { situations } from './situations.ts'

export const entra: OpenVendor = ({ origin, addin, faults }) => {
  // The page in the sign-in dialog, and the page that a pop-up window returns to. And the administrators' console.
  const pages = ['dialog', 'redirect'].map((name) => `${addin}/addin/${name}/index.html`)
  const redirectUris = [...pages, `${addin}/console/`]
  const stand = createEntra({
    faults,
    origin,
    clientId,
    clientSecret,
    redirectUris,
    serverRedirectUris: [`${addin}/apps/sign-in/callback`],
    addin,
  })
  const { app, broker, directory, prepare, publishedKeys, registered, reset } = stand
  return {
    app,
    prepare,
    keys: publishedKeys,
    registered,
    routes: [bridgeRoute(broker), ...registrationRoutes(stand)],
    situations: situations(directory, faults),
    reset,
    settings: {
      ENTRA_AUTHORITY: origin,
      ENTRA_CLIENT_ID: clientId,
      ENTRA_CLIENT_SECRET: clientSecret,
      CALENDAR_PERMISSION: 'read-write',
      // The service serves this organisation only; people of any other directory are refused.
      ENTRA_TENANTS: mailboxes['exchange-online'].tenantId,
    },
  }
}

export const exchange: OpenVendor = ({ origin, addin, faults, calendars, post, show }) => {
  const stand = createExchange({ faults, origin, audience: `${addin}/addin/taskpane/index.html` })
  const accounts = serverAccounts()
  const folder: EwsFolder = { schemes: ['ntlm', 'basic'], bindings: 'require' }
  const ews = createEws(accounts, folder, calendars, Date.now, post)
  stand.app.route('/', ews.app)
  calendars.followMoves((owner, to) => {
    const name = owner.split('@')[0]
    for (const account of accounts)
      if (account.name === name) account.ews = to === 'online' ? 'no mailbox' : 'open'
    ews.streaming.lose()
  })
  const server = {
    metadataUrl: `${origin}/autodiscover/metadata/json/1`,
    ewsUrl: `${origin}/EWS/Exchange.asmx`,
    callbackUrl: addin,
    internal: true,
  }
  return {
    app: stand.app,
    routes: [tokenRoute(stand), accountsRoute(accounts), inboxRoute(ews)],
    situations: { ...exchangeSituations(accounts, folder, ews, show), ...moves(calendars) },
    reset() {
      stand.reset()
      ews.reset()
      folder.holdsBack = false
      delete folder.movedTo
      show()
      accounts.splice(0, accounts.length, ...serverAccounts())
    },
    settings: { EXCHANGE: JSON.stringify([server]) },
  }
}

const fresh = { password: serverPassword, failed: 0, ews: 'open' } as const

/** The accounts of the server's domain. */
const serverAccounts = (): ServerAccount[] => [...peoplesAccounts(), serviceAccount()]

/** The account that may act for every mailbox of the server, and has none of its own. */
const serviceAccount = (): ServerAccount => ({
  ...fresh,
  name: 'svc-zoom',
  ews: 'no mailbox',
  impersonates: 'everybody',
})

/** People whose mailboxes are on the server are each other's delegates. */
function peoplesAccounts(): ServerAccount[] {
  const addresses = Object.values<Mailbox>(mailboxes).flatMap((one) =>
    one.exchangeId ? [one.emailAddress] : [],
  )
  return addresses.map((own) => ({
    name: own.split('@')[0] ?? '',
    ...fresh,
    edits: addresses.filter((address) => address !== own),
  }))
}

const exchangeSituations = (
  accounts: ServerAccount[],
  folder: EwsFolder,
  { loseStates, forgetConnections, streaming }: Ews,
  show: Surroundings['show'],
): Situations => ({
  'exchange-passwords-changed': {
    says: 'Everybody changes their password on the Exchange server',
    begin() {
      for (const account of accounts) account.password = `${serverPassword} 2`
      forgetConnections()
    },
  },
  'exchange-ews-off': {
    says: 'An administrator switches Exchange Web Services off for every mailbox',
    begin() {
      for (const account of accounts) account.ews = 'off'
    },
  },
  'exchange-states-lost': {
    says: 'The Exchange server knows no state of a calendar any more',
    begin: loseStates,
  },
  'exchange-streams-ended': {
    says: 'The Exchange server restarts: it ends what it streams, and knows no subscription any more',
    begin: () => streaming.lose(),
  },
  'exchange-certificate-changed': {
    says: 'The Exchange server shows another certificate, which nobody trusts',
    begin: () => void makeCertificate(new Date()).then(show),
  },
  'exchange-certificate-back': {
    says: 'The Exchange server shows its former certificate again',
    begin: () => show(),
  },
  'exchange-leads-elsewhere': {
    says: 'A balancer before the Exchange server leads everybody to another host',
    begin() {
      folder.movedTo = 'https://elsewhere.example/EWS/Exchange.asmx'
      folder.movesAll = true
      streaming.end()
    },
  },
  'exchange-leads-nowhere': {
    says: 'The balancer before the Exchange server leads nobody elsewhere any more',
    begin() {
      delete folder.movedTo
    },
  },
  'exchange-streams-held-back': {
    says: 'A proxy before the Exchange server keeps back what it streams',
    begin() {
      folder.holdsBack = true
      streaming.lose()
    },
  },
})

const { emailAddress: moving, displayName } = mailboxes.hybrid
const moves = (calendars: Calendars): Situations => ({
  'exchange-mailbox-moved-online': {
    says: `The mailbox of ${displayName} moves to Exchange Online`,
    begin: () => calendars.move(moving, 'online'),
  },
  'exchange-mailbox-moved-back': {
    says: `The mailbox of ${displayName} moves to the Exchange server`,
    begin: () => calendars.move(moving, 'server'),
  },
})

const accountsRoute = (accounts: ServerAccount[]): ControlRoute => [
  'GET',
  '/simulator/exchange-accounts',
  'The accounts of the Exchange server’s domain, with their failed attempts in a row.',
  (c) => c.json(accounts.map(({ name, failed }) => ({ name, failed }))),
]

const inboxRoute = ({ inbox }: Ews): ControlRoute => [
  'GET',
  '/simulator/exchange-inboxes/:mailbox',
  'The messages that were put into the Inbox of a mailbox on the Exchange server, the oldest first.',
  (c) => {
    const { emailAddress }: Mailbox = mailboxes[mailboxId.parse(c.req.param('mailbox'))]
    return c.json(inbox(emailAddress))
  },
]

const bridgeRoute = (broker: Entra['broker']): ControlRoute => [
  'POST',
  '/simulator/naa',
  'A message to the nested app authentication bridge of a mailbox, `{ mailbox, request }`.',
  async (c) => {
    const { mailbox, request } = bridged.parse(await c.req.json())
    return c.json(await broker(mailboxes[mailbox], request as never))
  },
]

const registrationRoutes = ({ registered, claims, sign }: Entra): ControlRoute[] => [
  [
    'GET',
    '/simulator/entra/registration',
    'How the application is registered at Entra, and what an administrator has consented to for everybody.',
    (c) => c.json({ application: registered.object(), grants: registered.grants }),
  ],
  [
    'DELETE',
    '/simulator/entra/registration',
    'Nobody has registered the application at Entra yet.',
    (c) => {
      registered.remove()
      return c.body(null, 204)
    },
  ],
  [
    'POST',
    '/simulator/entra/administrator-token',
    'The token of an administrator of the directory that the Azure CLI has for Microsoft Graph, `{ resource }`.',
    async (c) => {
      const { resource: aud } = z.strictObject({ resource: z.url() }).parse(await c.req.json())
      const person = mailboxes['exchange-online']
      return c.json({ tenantId: person.tenantId, token: await sign({ ...claims(person), aud, scp: cli }) })
    },
  ],
]

/** What the Azure CLI may do in the name of a person, as far as it is simulated. */
const cli = 'Application.ReadWrite.All DelegatedPermissionGrant.ReadWrite.All Directory.AccessAsUser.All'

const tokenRoute = ({ identityToken, callbackToken }: Exchange): ControlRoute => [
  'POST',
  '/simulator/exchange-tokens',
  'The token that a mailbox’s Exchange server gives an add-in, `{ mailbox, kind, isRest? }`; `{}`: there is none.',
  async (c) => {
    const { mailbox: id, kind, isRest = false } = exchangeToken.parse(await c.req.json())
    const mailbox: Mailbox = mailboxes[id]
    if (!mailbox.exchangeId) return c.json({})
    const token = kind === 'identity' ? identityToken(mailbox) : callbackToken(mailbox, { isRest })
    return c.json({ token: await token })
  },
]

const mailboxId = z.literal(Object.keys(mailboxes) as MailboxId[])

const bridged = z.strictObject({ mailbox: mailboxId, request: z.unknown() })

const exchangeToken = z.strictObject({
  mailbox: mailboxId,
  kind: z.enum(['identity', 'callback']),
  isRest: z.boolean().exactOptional(),
})
