import { Button, makeStyles, tokens } from '@fluentui/react-components'
import type { PolicyPreview } from '../contract/admin-policies.ts'
import { PersonLink } from './parts.tsx'
import { texts } from './texts.ts'

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

const { policies: says } = texts

interface Props {
  preview: PolicyPreview
  save(): void
  busy: boolean
}

/** Whom the edited rules would affect, and how, before they are saved. */
export function Affected({ preview: { certain, possible, people }, save, busy }: Props) {
  const styles = useStyles()
  return (
    <section aria-label={says.affected} className={styles.card}>
      <p role="status" className={styles.text}>
        {says.certain(certain)} {possible > 0 && says.possible(possible)}
      </p>
      {people.length > 0 && (
        <ul className={styles.list}>
          {people.map(({ subject, certain: isCertain, changes }) => (
            <li key={subject}>
              <PersonLink subject={subject} />:{' '}
              {changes
                .map(({ name, before, after }) =>
                  says.change(says.names[name], says.values[before] ?? before, says.values[after] ?? after),
                )
                .join(', ')}
              {!isCertain && ` (${says.perhaps})`}
            </li>
          ))}
        </ul>
      )}
      {certain + possible > people.length && <p className={styles.text}>{says.more(people.length)}</p>}
      {/* It takes the place of the button that had the focus. */}
      <Button ref={focus} appearance="primary" disabledFocusable={busy} onClick={save}>
        {says.save}
      </Button>
    </section>
  )
}

function focus(button: HTMLElement | null): void {
  button?.focus()
}
