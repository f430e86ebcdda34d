import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import { says } from '../../browser/says.ts'
import type { Connection } from '../../contract/connections.ts'
import type { Permission } from '../../contract/permission.ts'
import type { Problem } from '../../contract/problems.ts'
import type { CalendarActs } from '../calendar.ts'
import type { AddIn } from '../compose.ts'
import type { usePerson } from './use-person.ts'

/** The action that is running, and the problem that ended the last one. */
interface News {
  doing?: string
  problem?: Problem
}

const reading = 'Reading your calendar connection …'

/** The person's calendar connection, read when they are signed in. Undefined: this mailbox can have none. */
export function useCalendar(
  addIn: AddIn,
  { person, doing }: Pick<ReturnType<typeof usePerson>, 'person' | 'doing'>,
) {
  const [offered, setOffered] = useState<Permission>()
  const [found, setFound] = useState<{ connection: Connection | undefined }>()
  const [news, setNews] = useState<News>({})
  const newest = useRef(0)
  const who = person && `${person.name} ${person.mailbox}`

  /** An answer that comes after a later action has begun is not shown. */
  const run = useCallback(
    async (doing: string, act: (calendar: CalendarActs) => Promise<Connection | undefined>) => {
      const turn = ++newest.current
      const isNewest = () => turn === newest.current
      setNews(({ problem }) => ({ doing, ...(problem && { problem }) }))
      try {
        const connection = await act(await addIn.calendar())
        if (!isNewest()) return
        setFound({ connection })
        setNews({})
      } catch (error) {
        if (isNewest()) setNews({ problem: asProblem(error) })
      }
    },
    [addIn],
  )
  const read = useCallback(() => run(reading, (calendar) => calendar.read()), [run])

  useEffect(() => {
    const turn = ++newest.current
    setFound(undefined)
    setNews({})
    // A mailbox on an Exchange server is not in Microsoft 365.
    if (Office.context.mailbox.userProfile.accountType === 'enterprise') return
    addIn.bootstrap().then(
      ({ calendar }) => {
        setOffered(calendar)
        if (calendar && who && turn === newest.current) read()
      },
      () => {},
    )
  }, [addIn, who, read])

  if (!offered || (found && !found.connection)) return undefined
  const { connection } = found ?? {}
  return {
    permission: connection?.permission ?? offered,
    status:
      news.doing ??
      (news.problem && says(news.problem)) ??
      connection?.says ??
      (who || doing ? reading : 'Sign in to see your calendar connection.'),
    busy: news.doing !== undefined,
    wayOut: connection?.wayOut ?? (news.problem ? 'retry' : 'none'),
    read,
    connect: () => run('Connecting your calendar …', (calendar) => calendar.connect()),
    disconnect: () => run('Disconnecting your calendar …', (calendar) => calendar.disconnect()),
  }
}
