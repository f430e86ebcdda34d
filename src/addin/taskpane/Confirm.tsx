import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'

const useStyles = makeStyles({
  asking: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
})

interface Props {
  label: string
  question: string
  yes: string
  no: string
  act(): void
}

/** A button for an action that cannot be undone. It asks for confirmation. */
export function Confirm({ label, question, yes, no, act }: Props) {
  const styles = useStyles()
  const [asking, setAsking] = useState(false)
  if (!asking) {
    return (
      <Button size="small" appearance="subtle" onClick={() => setAsking(true)}>
        {label}
      </Button>
    )
  }
  return (
    <div className={styles.asking}>
      <span>{question}</span>
      <Button size="small" onClick={act}>
        {yes}
      </Button>
      <Button size="small" appearance="subtle" onClick={() => setAsking(false)}>
        {no}
      </Button>
    </div>
  )
}
