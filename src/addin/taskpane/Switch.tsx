import { makeStyles, tokens } from '@fluentui/react-components'

/** A switch of our own: Fluent's would add a tenth to the pane's size. */
const useStyles = makeStyles({
  switch: {
    appearance: 'none',
    boxSizing: 'border-box',
    flexShrink: 0,
    // A target has 24 pixels at least (WCAG 2.2, 2.5.8).
    width: '44px',
    height: '24px',
    margin: 0,
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusCircular,
    color: tokens.colorNeutralStrokeAccessible,
    '::before': {
      content: '""',
      display: 'block',
      width: '16px',
      height: '16px',
      margin: '3px',
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
})

interface Props {
  id: string
  on: boolean
  disabled: boolean
  describedBy?: string | undefined
  set(on: boolean): void
}

/** What is on or off. */
export function Switch({ id, on, disabled, describedBy, set }: Props) {
  const styles = useStyles()
  return (
    <input
      id={id}
      type="checkbox"
      role="switch"
      className={styles.switch}
      checked={on}
      aria-checked={on}
      disabled={disabled}
      aria-describedby={describedBy}
      onChange={(event) => set(event.target.checked)}
    />
  )
}
