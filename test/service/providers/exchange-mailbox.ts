import type { ExchangeCalendar } from '../../../src/service/providers/exchange/requests.ts'

interface At {
  port: number
  /** PEM. */
  ca: string
  ewsAuthentication: 'basic' | 'ntlm'
  domain?: string
}

/** The mailbox of `tim` on a server of this machine. Nobody else tries the password. */
export function exchangeMailbox({ port, ca, ewsAuthentication, domain = '' }: At): ExchangeCalendar {
  const server = {
    ewsUrl: `https://localhost:${port}/EWS/Exchange.asmx`,
    ewsAuthentication,
    channelBindings: ewsAuthentication === 'ntlm',
    internal: true,
    ca,
  }
  const opens = { id: '1', server, account: { domain, user: 'tim', password: 'secret' } }
  return {
    subject: 'exch:tim',
    access: async () => opens,
    async prove(act) {
      const came = await act(opens, AbortSignal.timeout(60_000))
      if (came === 'refused') throw new Error('The server refused the password.')
      return came
    },
  }
}
