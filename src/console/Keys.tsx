import { makeStyles } from '@fluentui/react-components'
import { useCallback } from 'react'
import { Id, Pending, Table } from './parts.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({ text: { margin: 0, maxWidth: '48rem' } })

const { keys: says } = texts

/** The keys that wrap stored credentials, and how many need each. */
export function Keys({ service }: { service: Service }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.keys(), [service]))
  const { key: name, use, records, failing } = says.columns
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      <Pending answer={answer} problem={problem} again={again} />
      {answer && (
        <Table name={says.heading} columns={[name, use, records, failing]}>
          {answer.keys.map((row) => (
            <tr key={row.key}>
              <td>
                <Id>{row.key}</Id>
              </td>
              <td>{row.active ? says.active : says.older}</td>
              <td>{row.records}</td>
              <td>{row.failing}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}
