import { Button, makeStyles, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Icon } from './Icon.tsx'

const useStyles = makeStyles({
  head: {
    justifyContent: 'space-between',
    width: '100%',
    minHeight: '40px',
    paddingInline: tokens.spacingHorizontalM,
    textAlign: 'start',
  },
  label: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS },
  content: { padding: `0 ${tokens.spacingHorizontalM} ${tokens.spacingHorizontalM}` },
})

interface Props {
  icon?: ReactNode
  label: string
  isOpen: boolean
  toggle(): void
  children: ReactNode
}

/** What is shown when a person asks for it. */
export function Disclosure({ icon, label, isOpen, toggle, children }: Props) {
  const styles = useStyles()
  return (
    <>
      <Button className={styles.head} appearance="subtle" aria-expanded={isOpen} onClick={toggle}>
        <span className={styles.label}>
          {icon}
          {label}
        </span>
        <Icon name={isOpen ? 'less' : 'more'} />
      </Button>
      {isOpen && <div className={styles.content}>{children}</div>}
    </>
  )
}
