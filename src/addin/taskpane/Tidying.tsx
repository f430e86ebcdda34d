import { makeStyles, tokens } from '@fluentui/react-components'
import { useId } from 'react'
import { says } from '../../browser/says.ts'
import { Switch } from './Switch.tsx'
import type { useTidying } from './use-tidying.ts'

const useStyles = makeStyles({
  tidying: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    paddingTop: tokens.spacingVerticalM,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  label: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** The only preference: whether to remove an invitation from the text when its meeting is removed or replaced. */
export function Tidying({ decided, chosen, problem, choose }: ReturnType<typeof useTidying>) {
  const styles = useStyles()
  const [id, more] = [useId(), useId()]
  const isOn = decided === 'on' || (decided === 'choice' && chosen)
  return (
    <section aria-label="Preference" className={styles.tidying}>
      <label htmlFor={id} className={styles.label}>
        <Switch id={id} on={isOn} disabled={decided !== 'choice'} describedBy={more} set={choose} />
        Tidy the invitation text
      </label>
      <p id={more} className={styles.more}>
        Removes the invitation from the text when its meeting is removed or replaced. The text is read only
        then, and only on this device.{' '}
        {decided !== 'choice' && `Your organisation has switched this ${decided}.`}
      </p>
      {problem && (
        <p role="alert" className={styles.more}>
          {says(problem)}
        </p>
      )}
    </section>
  )
}
