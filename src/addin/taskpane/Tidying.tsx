import { makeStyles, tokens } from '@fluentui/react-components'
import { useId } from 'react'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
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
export default function Tidying({ decided, chosen, problem, choose }: ReturnType<typeof useTidying>) {
  const styles = useStyles()
  const texts = paneTexts.get()
  const [id, more] = [useId(), useId()]
  const isOn = decided === 'on' || (decided === 'choice' && chosen)
  return (
    <section aria-label={texts.preference} className={styles.tidying}>
      <label htmlFor={id} className={styles.label}>
        <Switch id={id} on={isOn} disabled={decided !== 'choice'} describedBy={more} set={choose} />
        {texts.tidy}
      </label>
      <p id={more} className={styles.more}>
        {texts.tidyMore} {decided !== 'choice' && texts[decided === 'on' ? 'tidyOn' : 'tidyOff']}
      </p>
      {problem && (
        <p role="alert" className={styles.more}>
          {says(problem)}
        </p>
      )}
    </section>
  )
}
