import type { ExchangeCalendar } from '../../../src/service/providers/exchange/requests.ts'

interface At {
  port: number
  /** PEM. */
  ca: string
  ewsAuthentication: 'basic' | 'ntlm'
  domain?: string
  /** The account, and the mailbox that it acts as; its own by default. */
  user?: string
  actsAs?: string
  /** What the server has said to others. */
  busyUntil?: Map<string, number>
}

/** A mailbox on a server of this machine, that of `tim` by default. Nobody else tries the password. */
export function exchangeMailbox(at: At): ExchangeCalendar {
  const { port, ca, ewsAuthentication, domain = '', user = 'tim', actsAs, busyUntil = new Map() } = at
  const server = {
    ewsUrl: `https://localhost:${port}/EWS/Exchange.asmx`,
    ewsAuthentication,
    channelBindings: ewsAuthentication === 'ntlm',
    internal: true,
    ca,
    busyUntil,
  }
  const opens = { id: '1', server, account: { domain, user, password: 'secret' }, ...(actsAs && { actsAs }) }
  return {
    subject: `exch:${actsAs ?? user}`,
    access: async () => opens,
    async prove(act) {
      const came = await act(opens, AbortSignal.timeout(60_000))
      if (came === 'refused') throw new Error('The server refused the password.')
      return came
    },
  }
}
