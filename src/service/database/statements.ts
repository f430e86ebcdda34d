import type { PreparingPool } from './prepared-statements.ts'

export type Answer = { rows: unknown[] }
type Execute = (text: string, values?: unknown[]) => Promise<Answer>

/** A text and its values. */
export type Statement = Parameters<Execute>

interface Runs {
  /** Several statements in one text, without values, run in order. */
  execute: Execute
  /**
   * Runs statements as one transaction, in turn with those of all processes: they see what the ones before have changed.
   * Their answers, after the commit.
   */
  executeInTurn(...all: readonly Statement[]): Promise<Answer[]>
}

/** Runs statements that a library has written. */
export interface Statements extends Runs {
  readonly kind: 'PostgreSQL' | 'embedded'
  /** Statements that do not wait for each other's answers. They run one after another, each by itself. */
  inOrder<T>(act: (one: Runs) => Promise<T>): Promise<T>
}

/** Any number that nothing else locks. */
const turn = 7_210_914_016

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
        async executeInTurn(...all) {
          isInTurn = true
          const whole = [[`begin; select pg_advisory_xact_lock(${turn})`], ...all, ['commit']] as Statement[]
          const answers = await Promise.allSettled(whole.map((one) => send(...one)))
          // A commit that is answered has ended one that failed, too.
          isInTurn = answers.at(-1)?.status === 'rejected'
          return answers
            .map((answer) => {
              if (answer.status === 'rejected') throw answer.reason
              return answer.value
            })
            .slice(1, -1)
        },
      })
    } finally {
      await Promise.allSettled(sent)
      connection.release(isInTurn)
    }
  }

  const apart: Runs = {
    execute: (text, values) => inOrder(({ execute }) => execute(text, values)),
    executeInTurn: (...all) => inOrder(({ executeInTurn }) => executeInTurn(...all)),
  }
  // The embedded database has one connection, which is lent to one statement or transaction at a time.
  return { kind, ...apart, inOrder: kind === 'PostgreSQL' ? inOrder : (act) => act(apart) }
}
