import { readFileSync } from 'node:fs'
import pg from 'pg'

/** Processor time in milliseconds, by process id. */
type Times = Map<number, number>

/**
 * What PostgreSQL itself computes for one database: the processor time of its sessions. Undefined where the server's
 * processes cannot be seen: on another machine, or not on Linux.
 */
export async function databaseProcessor(url: string) {
  const client = new pg.Client(url)
  await client.connect()
  const times = async (): Promise<Times> => {
    const { rows } = await client.query<{ pid: number }>(
      'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    return new Map(rows.flatMap(({ pid }) => timeOf(pid)))
  }
  return {
    /** Milliseconds of processor time that the sessions take while `act` runs. */
    async during<T>(act: () => Promise<T>): Promise<[T, number | undefined]> {
      const before = await times()
      const result = await act()
      const after = await times()
      const used = [...after].map(([pid, time]) => time - (before.get(pid) ?? 0))
      return [result, used.length > 0 ? used.reduce((sum, time) => sum + time, 0) : undefined]
    },
    close: () => client.end(),
  }
}

function timeOf(pid: number): [number, number][] {
  try {
    if (!readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')) return []
    const [nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return [[pid, Number(nanoseconds) / 1e6]]
  } catch {
    return []
  }
}
