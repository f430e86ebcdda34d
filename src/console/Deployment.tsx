import { Button, makeStyles, Spinner } from '@fluentui/react-components'
import { useCallback } from 'react'
import { findings, inWords } from '../contract/doctor.ts'
import { english } from '../contract/doctor-english.ts'
import { french } from '../contract/doctor-french.ts'
import { language } from './language.ts'
import { Failure, Table } from './parts.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  again: { alignSelf: 'start' },
})

const { deployment: says } = texts
const doctor = { en: english, fr: french }[language]

/** What the doctor finds in this deployment, from where the service runs. */
export function Deployment({ service }: { service: Service }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.deployment(), [service]))
  const { check, state, found, fix } = says.columns
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      {problem && <Failure problem={problem} again={again} />}
      {!answer && !problem && <Spinner label={says.checking} />}
      {answer && (
        <>
          <Table name={says.heading} columns={[check, state, found, fix]}>
            {answer.lines.map((line) => {
              const words = inWords(doctor, line)
              return (
                <tr key={`${line.check} ${line.finding} ${words.says}`}>
                  <td>{words.title}</td>
                  <td>{doctor.states[findings[line.finding][0]]}</td>
                  <td>{words.says}</td>
                  <td>{words.fix}</td>
                </tr>
              )
            })}
          </Table>
          <Button className={styles.again} onClick={again}>
            {says.again}
          </Button>
        </>
      )}
    </>
  )
}
