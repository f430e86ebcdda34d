import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { type ReactElement, useId, useState } from 'react'

const useStyles = makeStyles({
  asking: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
})

interface Props {
  label: string
  icon?: ReactElement | null
  /** How much the button stands out. */
  appearance?: 'subtle' | 'secondary'
  /** What a screen reader calls the button, where there are several. */
  name?: string
  question: string
  yes: string
  no: string
  /** The action is running. */
  busy?: boolean
  act(): void
}

/** A button for an action that asks for confirmation first. */
export function Confirm({
  label,
  icon = null,
  appearance = 'subtle',
  name,
  question,
  yes,
  no,
  busy = false,
  act,
}: Props) {
  const styles = useStyles()
  const id = useId()
  const [asking, setAsking] = useState<boolean>()
  if (!asking) {
    return (
      <Button
        ref={asking === false ? focus : undefined}
        size="small"
        appearance={appearance}
        icon={icon}
        aria-label={name}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
    )
  }
  return (
    <div className={styles.asking}>
      <span id={id}>{question}</span>
      <Button size="small" disabledFocusable={busy} onClick={act}>
        {yes}
      </Button>
      <Button
        ref={focus}
        size="small"
        appearance="subtle"
        disabledFocusable={busy}
        aria-describedby={id}
        onClick={() => setAsking(false)}
      >
        {no}
      </Button>
    </div>
  )
}

/** The button that had the focus is gone, so the next one gets it. Otherwise the keyboard would start at the top again. */
function focus(button: HTMLElement | null): void {
  button?.focus()
}
