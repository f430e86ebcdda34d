import type { PreparingPool } from './prepared-statements.ts'

type Execute = (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>

interface Runs {
  /** Several statements in one text, without values, run in order. */
  execute: Execute
  /** The same for one statement, in turn with those of all processes: it sees what the one before it has changed. */
  executeInTurn: Execute
}

/** Runs statements that a library has written. */
export interface Statements extends Runs {
  readonly kind: 'PostgreSQL' | 'embedded'
  /** Statements that do not wait for each other's answers. They run one after another, each by itself. */
  inOrder<T>(act: (one: Runs) => Promise<T>): Promise<T>
}

/** Any number that nothing else locks. */
const turn = 7_210_914_016

type Answer = { rows: unknown[] }

export function statementsOn(pool: PreparingPool, kind: Statements['kind']): Statements {
  async function inOrder<T>(act: (one: Runs) => Promise<T>): Promise<T> {
    const connection = await pool.connect()
    const sent: Promise<unknown>[] = []
    let isInTurn = false
    function send(text: string, values: unknown[] = []): Promise<Answer> {
      connection.together()
      const answer = connection.query(text, values) as unknown as Promise<Answer | Answer[]>
      sent.push(answer)
      return answer.then((all) =>
        Array.isArray(all) ? { rows: all.flatMap(({ rows }) => rows) } : { rows: all.rows },
      )
    }
    try {
      return await act({
        execute: send,
        async executeInTurn(text, values) {
          isInTurn = true
          const all = [`begin; select pg_advisory_xact_lock(${turn})`, text, 'commit']
          const [, answer] = await Promise.all(all.map((one) => send(one, one === text ? values : [])))
          isInTurn = false
          return answer as Answer
        },
      })
    } finally {
      await Promise.allSettled(sent)
      connection.release(isInTurn)
    }
  }

  const apart: Runs = {
    execute: (text, values) => inOrder(({ execute }) => execute(text, values)),
    executeInTurn: (text, values) => inOrder(({ executeInTurn }) => executeInTurn(text, values)),
  }
  // The embedded database has one process and one connection, which is lent to one statement at a time.
  if (kind === 'PostgreSQL') return { kind, ...apart, inOrder }
  const one = { execute: apart.execute, executeInTurn: apart.execute }
  return { kind, ...one, inOrder: (act) => act(one) }
}
