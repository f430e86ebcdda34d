import { makeStyles, tokens } from '@fluentui/react-components'
import { useId } from 'react'
import { says } from '../../browser/says.ts'
import type { useTidying } from './use-tidying.ts'

/** A switch of our own: Fluent's would add a tenth to the pane's size. */
const useStyles = makeStyles({
  tidying: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    paddingTop: tokens.spacingVerticalM,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  label: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS },
  switch: {
    appearance: 'none',
    boxSizing: 'border-box',
    flexShrink: 0,
    width: '40px',
    height: '20px',
    margin: 0,
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusCircular,
    color: tokens.colorNeutralStrokeAccessible,
    '::before': {
      content: '""',
      display: 'block',
      width: '14px',
      height: '14px',
      margin: '2px',
      borderRadius: tokens.borderRadiusCircular,
      backgroundColor: 'currentcolor',
    },
    ':checked': {
      border: `1px solid ${tokens.colorCompoundBrandBackground}`,
      backgroundColor: tokens.colorCompoundBrandBackground,
      color: tokens.colorNeutralForegroundInverted,
    },
    ':checked::before': { transform: 'translateX(20px)' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
    ':disabled': {
      border: `1px solid ${tokens.colorNeutralStrokeDisabled}`,
      backgroundColor: tokens.colorNeutralBackgroundDisabled,
      color: tokens.colorNeutralForegroundDisabled,
    },
    '@media (forced-colors: active)': {
      color: 'ButtonText',
      '::before': { forcedColorAdjust: 'none' },
      ':checked': { color: 'Highlight' },
      ':disabled': { color: 'GrayText' },
    },
  },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** The only preference: whether to remove an invitation from the text when its meeting is removed or replaced. */
export function Tidying({ decided, chosen, problem, choose }: ReturnType<typeof useTidying>) {
  const styles = useStyles()
  const more = useId()
  const isOn = decided === 'on' || (decided === 'choice' && chosen)
  return (
    <section aria-label="Preference" className={styles.tidying}>
      <label className={styles.label}>
        <input
          type="checkbox"
          role="switch"
          className={styles.switch}
          checked={isOn}
          aria-checked={isOn}
          disabled={decided !== 'choice'}
          aria-describedby={more}
          onChange={(event) => choose(event.target.checked)}
        />
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
