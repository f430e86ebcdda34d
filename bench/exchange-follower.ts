import { readFileSync } from 'node:fs'
import { exchangeProvider } from '../src/service/providers/exchange/exchange.ts'
import type { ExchangeCalendar } from '../src/service/providers/exchange/requests.ts'

// Follows mailboxes on an Exchange server by one account that acts as each, and tells its parent what it heard.

const { EWS_URL: ewsUrl = '', CA = '' } = process.env
const ca = readFileSync(CA, 'utf8')
const server = {
  ewsUrl,
  ewsAuthentication: 'ntlm',
  channelBindings: true,
  internal: true,
  ca,
  busyUntil: new Map(),
} as const
const account = { domain: 'CONTOSO', user: 'service', password: 'secret' }
const tell = (said: unknown) => process.send?.(said)
const hearer = {
  changed: async (subject: string) => void tell({ changed: subject }),
  missed: async () => {},
}
const log = { info: () => {}, warn: () => {}, error: () => {} }
const provider = exchangeProvider('00000000-0000-0000-0000-000000000000', hearer, log)

function mailbox(number: number): ExchangeCalendar {
  const access = { id: '1', server, account, actsAs: `person${number}@contoso.example` }
  return {
    subject: `exch:person${number}`,
    access: async () => access,
    async prove(act) {
      const came = await act(access, AbortSignal.timeout(60_000))
      if (came === 'refused') throw new Error('The server refused the password.')
      return came
    },
  }
}

/** How many mailboxes are followed at a time, as by the service. */
const together = 4
let count = 0
process.on('message', async ({ follow: many }: { follow?: number }) => {
  if (many === undefined) return
  const worker = async () => {
    while (count < many) await provider.subscribe(mailbox(count++), '', AbortSignal.timeout(60_000))
  }
  await Promise.all(Array.from({ length: together }, worker))
  const isHeard = () => [...provider.followed.values()].every((one) => one.isHeard)
  while (!isHeard()) await new Promise((resolve) => setTimeout(resolve, 50))
  tell({ followed: count })
})
tell({ ready: true })
