import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import type { Account, Connection, ProvedMailbox, ProviderName } from '../../contract/connections.ts'
import type { Bootstrap } from '../../contract/identity.ts'
import type { Permission } from '../../contract/permission.ts'
import type { Problem } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import type { ConnectionActs } from '../connections.ts'
import { says } from '../texts/says.ts'
import type { usePerson } from './use-person.ts'

/** The action that is running, and the problem that ended the last one. */
interface News {
  doing?: 'reading' | 'connecting' | 'disconnecting' | 'sending'
  problem?: Problem
}

interface Found {
  connection: Connection | undefined
  /** The sentence about meetings and this calendar. */
  sync?: string
}

/** Whose calendars meetings follow. A person has one of them. */
const followed: ReadonlySet<ProviderName> = new Set(['microsoft', 'exchange'])

/** In these states there is access to it, or never was. */
const open: ReadonlySet<string> = new Set(['not_connected', 'connected', 'provider_down'])

/** What connecting would allow. A mailbox on an Exchange server is not in Microsoft 365. */
const offers: Record<ProviderName, (bootstrap: Bootstrap) => Permission | undefined> = {
  microsoft: ({ calendar }) =>
    Office.context.mailbox.userProfile.accountType === 'enterprise' ? undefined : calendar,
  google: ({ google }) => google,
  zoom: ({ zoomConnect }) => (zoomConnect ? 'read-write' : undefined),
  exchange: ({ exchangeCalendar }) =>
    exchangeCalendar && Office.context.mailbox.userProfile.accountType === 'enterprise'
      ? 'read-write'
      : undefined,
}

/** The person's connection with a provider, read when they are signed in. Undefined: this mailbox can have none. */
export function useConnection(
  addIn: AddIn,
  provider: ProviderName,
  { person, doing }: Pick<ReturnType<typeof usePerson>, 'person' | 'doing'>,
) {
  const isOffered = offers[provider]
  const [offered, setOffered] = useState<Permission>()
  const [found, setFound] = useState<Found>()
  const [news, setNews] = useState<News>({})
  const [isCodeSent, setCodeSent] = useState(false)
  const newest = useRef(0)
  const who = person && `${person.name} ${person.mailbox}`

  /** An answer that comes after a later action has begun is not shown. */
  const run = useCallback(
    async (doing: NonNullable<News['doing']>, act: (connections: ConnectionActs) => Promise<Found>) => {
      const turn = ++newest.current
      const isNewest = () => turn === newest.current
      setNews(({ problem }) => ({ doing, ...(problem && { problem }) }))
      try {
        const now = await act(await addIn.connections())
        if (!isNewest()) return
        setFound(now)
        setNews({})
      } catch (error) {
        if (isNewest()) setNews({ problem: asProblem(error) })
      }
    },
    [addIn],
  )
  const read = useCallback(
    () =>
      run('reading', async (connections) => {
        const { sync, ...all } = await connections.read()
        return { connection: all[provider], ...(followed.has(provider) && sync && { sync }) }
      }),
    [run, provider],
  )

  useEffect(() => {
    const turn = ++newest.current
    setFound(undefined)
    setNews({})
    setCodeSent(false)
    addIn.bootstrap().then(
      (bootstrap) => {
        const offered = isOffered(bootstrap)
        setOffered(offered)
        if (offered && who && turn === newest.current) read()
      },
      () => {},
    )
  }, [addIn, who, read, isOffered])

  if (!offered || (found && !found.connection)) return undefined
  const { connection, sync } = found ?? {}
  const { problem } = news
  /** The sentence of the service, or what the pane says by itself. */
  const said = (problem && says(problem)) ?? connection?.says
  return {
    provider,
    asks: connection?.asks,
    isCodeSent,
    permission: connection?.permission ?? offered,
    contacts: connection?.contacts,
    contactsMissing: connection?.contactsMissing ?? false,
    said,
    says: news.doing ? undefined : said,
    doing: news.doing ?? (who || doing ? ('reading' as const) : ('signIn' as const)),
    busy: news.doing !== undefined,
    wayOut: connection?.wayOut ?? (problem ? 'retry' : 'none'),
    isRead: connection !== undefined,
    /** There is nothing to say of it, as far as is known: the person has never connected it. */
    isNew: !problem && (!connection || connection.state === 'not_connected'),
    /** How meetings follow the calendar. */
    sync,
    /** Why there is no access to it any more, with what to do. */
    lost: connection && !open.has(connection.state) ? connection.says : undefined,
    /** It is connected, or was: meetings are not made in another way until it is disconnected. */
    isOwn:
      connection !== undefined &&
      !['not_connected', 'disconnected_by_administrator'].includes(connection.state),
    read,
    connect: (account?: Account | ProvedMailbox) =>
      run('connecting', async (connections) => {
        const permits = connection ?? { permission: offered }
        const now = await connections.connect(provider, permits, account)
        setCodeSent(false)
        return { connection: now }
      }),
    /** To a mailbox on an Exchange server. */
    sendCode: (mailbox: string) =>
      run('sending', async (connections) => {
        await connections.sendCode(mailbox)
        setCodeSent(true)
        return { connection }
      }),
    disconnect: () =>
      run('disconnecting', async (connections) => ({
        connection: await connections.disconnect(provider),
      })),
  }
}
