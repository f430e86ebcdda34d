import { sql } from 'kysely'
import { serverId } from '../connections/service-accounts.ts'
import { type Check, type Found, found } from './around.ts'

/**
 * Whether each Exchange server accepts its service account, by what became of its last use: sync uses it all the time, and
 * a try of its own could be a failed attempt.
 */
export const serviceAccounts: Check = {
  after: ['database'],
  concerns: ({ settings }) => settings.EXCHANGE.some(({ ewsUrl }) => ewsUrl),
  async look({ settings, opened }) {
    const answer = await opened()
    if ('finding' in answer) return answer
    const { rows: wanted } = await sql`
      select from policies where name = 'exchangeAccess' and value = 'service-account' limit 1`.execute(
      answer.database,
    )
    const { rows } = await sql<{ server: string; state: string; mailboxes: number }>`
      select server, state, (
        select count(*)::int from connections where service_account = server and state = 'connected'
      ) as mailboxes from service_accounts`.execute(answer.database)
    return settings.EXCHANGE.filter(({ ewsUrl }) => ewsUrl).map(({ metadataUrl }): Found => {
      const server = new URL(metadataUrl).hostname
      const stored = rows.find((row) => row.server === serverId(metadataUrl))
      if (stored?.state === 'refused') return found('service_account_refused', { server })
      if (wanted.length === 0) return found('service_account_needless', { server })
      if (!stored) return found('service_account_none', { server })
      return stored.mailboxes > 0
        ? found('service_account_good', { server, count: stored.mailboxes })
        : found('service_account_unused', { server })
    })
  },
}
