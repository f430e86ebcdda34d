import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { Fragment, useCallback, useState } from 'react'
import { asText, countOf, inWords, type State } from '../contract/doctor.ts'
import { doctorTexts } from '../contract/doctor-texts.ts'
import { language } from './language.ts'
import { Failure, Status, Table } from './parts.tsx'
import { saveFile } from './save-file.ts'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  state: { fontWeight: tokens.fontWeightSemibold },
  pass: { color: tokens.colorStatusSuccessForeground1 },
  unknown: { color: tokens.colorStatusWarningForeground3 },
  fail: {
    padding: `0 ${tokens.spacingHorizontalS}`,
    border: `1px solid ${tokens.colorStatusDangerBorder1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorStatusDangerBackground1,
    color: tokens.colorStatusDangerForeground1,
    textTransform: 'uppercase',
  },
  guide: {
    marginTop: tokens.spacingVerticalXS,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
  whole: { display: 'inline-block' },
})

const { deployment: says } = texts
const doctor = doctorTexts[language]
/** What the service itself has no address and no token for. */
const byCommand =
  'npx zoom-for-outlook doctor --mailbox ADDRESS --outside ADDRESS --room ADDRESS --graph-token-file FILE'
/** What fails comes first: a page begins at its top. */
const order: readonly State[] = ['fail', 'unknown', 'pass']

/** What the doctor finds in this deployment, from where the service runs. */
export function Deployment({ service }: { service: Service }) {
  const styles = useStyles()
  const { answer, problem, isAsking, again } = useAnswer(useCallback(() => service.deployment(), [service]))
  const [news, setNews] = useState<string>()
  const lines = answer?.lines.map((line) => inWords(doctor, line)) ?? []
  const of = (state: State) => lines.filter((line) => line.state === state)
  const copy = () =>
    navigator.clipboard.writeText(asText(doctor, lines)).then(
      () => setNews(says.copied),
      () => setNews(says.notCopied),
    )
  function save() {
    saveFile(new Blob([JSON.stringify({ lines }, null, 2)], { type: 'application/json' }), 'deployment.json')
    setNews(says.saved)
  }
  function checkAgain() {
    setNews(undefined)
    again()
  }
  const { check, state, found, fix } = says.columns
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      <p className={styles.text}>
        {says.byCommand(doctor.checks.scope, doctor.checks.room, doctor.checks.entraRegistration)}{' '}
        <code>
          <Wrapping text={byCommand} />
        </code>
      </p>
      <Status>
        {isAsking
          ? says.checking
          : (news ?? (answer && order.map((one) => countOf(doctor, one, of(one).length)).join(', ')))}
      </Status>
      {problem && <Failure problem={problem} again={again} />}
      {answer && (
        <>
          <div className={styles.buttons}>
            <Button disabledFocusable={isAsking} onClick={checkAgain}>
              {says.again}
            </Button>
            <Button onClick={copy}>{says.copy}</Button>
            <Button onClick={save}>{says.save}</Button>
          </div>
          <Table name={says.heading} columns={[check, state, found, fix]}>
            {order.flatMap(of).map((line) => (
              <tr key={`${line.check} ${line.finding} ${line.says}`}>
                <td>{line.title}</td>
                <td>
                  <span className={mergeClasses(styles.state, styles[line.state])}>
                    {doctor.states[line.state]}
                  </span>
                </td>
                <td>
                  <Wrapping text={line.says} />
                </td>
                <td>
                  {line.fix && (
                    <>
                      <div>
                        <Wrapping text={line.fix} />
                      </div>
                      <div className={styles.guide}>
                        <Wrapping text={line.section} />
                      </div>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </>
  )
}

/** A text whose addresses begin a line and break after a part of theirs, if they must. So do options such as `--graph-token-file`. */
function Wrapping({ text }: { text: string }) {
  const { whole } = useStyles()
  return text.split(/(--[\w-]+|https:\/\/\S+|docs\/\S+)/).map((part, index) => {
    if (index % 2 === 0) return part
    const pieces = part.split(/(?<=\w[/.#-])(?=\w)/)
    return (
      <span key={`${index} ${part}`} className={whole}>
        {pieces.map((piece, place) => (
          <Fragment key={`${place} ${piece}`}>
            {place > 0 && <wbr />}
            {piece}
          </Fragment>
        ))}
      </span>
    )
  })
}
