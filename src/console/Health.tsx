import { makeStyles } from '@fluentui/react-components'
import { useCallback } from 'react'
import { when } from './language.ts'
import { Pending, Table } from './parts.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({ text: { margin: 0, maxWidth: '48rem' } })

const { health: says } = texts

/** When each outside system last answered and last failed. */
export function Health({ service }: { service: Service }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.health(), [service]))
  const { system: name, answer: answered, failure } = says.columns
  const shown = (time: string | null) => (time ? when(time) : says.never)
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <Pending answer={answer} problem={problem} again={again} />
      {answer && (
        <>
          <p className={styles.text}>{says.about(when(answer.since))}</p>
          <Table name={says.heading} columns={[name, answered, failure]}>
            {answer.systems.map(({ system, lastAnswer, lastFailure }) => (
              <tr key={system}>
                <td>{system}</td>
                <td>{shown(lastAnswer)}</td>
                <td>{shown(lastFailure)}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </>
  )
}
