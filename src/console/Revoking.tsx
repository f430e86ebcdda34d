import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useId } from 'react'
import { PersonLink } from './parts.tsx'
import { texts } from './texts.ts'
import type { useRevoking } from './use-revoking.ts'

const useStyles = makeStyles({
  card: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'start',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  text: { margin: 0 },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL, overflowWrap: 'anywhere' },
})

const { revoking: says } = texts

/** How far it is, and what became of each person. */
export function Revoking({ total, results, failed, running, revoke }: ReturnType<typeof useRevoking>) {
  const styles = useStyles()
  const id = useId()
  if (total === 0) return null
  return (
    <section aria-label={says.heading} className={styles.card}>
      <p id={id} role="status" className={styles.text}>
        {running ? says.progress(results.length, total) : says.result(total - failed.length, failed.length)}
      </p>
      {running && <progress aria-labelledby={id} value={results.length} max={total} />}
      {failed.length > 0 && !running && (
        <Button size="small" onClick={() => revoke(failed.map(({ subject }) => subject))}>
          {says.again}
        </Button>
      )}
      <ul className={styles.list}>
        {results.map(({ subject, revoked, why }) => (
          <li key={subject}>
            <PersonLink subject={subject} />: {revoked ? says.done : why}
          </li>
        ))}
      </ul>
    </section>
  )
}
