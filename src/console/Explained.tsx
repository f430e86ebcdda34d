import { makeStyles, tokens } from '@fluentui/react-components'
import { useCallback } from 'react'
import { Fact, Facts, Id, Pending } from './parts.tsx'
import { valueText } from './policy-value.ts'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  section: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  text: { margin: 0, maxWidth: '48rem' },
})

const { policies: says } = texts

/** What a rule decided is above the defaults. */
const rulesFirst = <One extends { by: string }>(values: readonly One[]) => [
  ...values.filter(({ by }) => by !== 'setting'),
  ...values.filter(({ by }) => by === 'setting'),
]

/** The value of every policy for one person, and the rule that decided it. */
export function Explained({ service, subject }: { service: Service; subject: string }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(
    useCallback(() => service.explain(subject), [service, subject]),
  )
  return (
    <section aria-label={says.heading} className={styles.section}>
      <h2 className={styles.heading}>{says.heading}</h2>
      <Pending answer={answer} problem={problem} again={again} />
      {answer && answer.groups !== 'said' && <p className={styles.text}>{says.groups[answer.groups]}</p>}
      {answer && (
        <Facts>
          {rulesFirst(answer.values).map(({ name, value, by, group, unknown }) => (
            <Fact key={name} name={says.names[name]}>
              {valueText(value)}
              {texts.colon}
              {says.by[by]} {group && <Id>{group}</Id>}
              {unknown.length > 0 && ` ${says.unknown(unknown.length)}`}
            </Fact>
          ))}
        </Facts>
      )}
    </section>
  )
}
