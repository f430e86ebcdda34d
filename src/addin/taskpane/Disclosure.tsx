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
  more: {
    display: 'block',
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightRegular,
    lineHeight: tokens.lineHeightBase200,
    // It is there before it says something, so nothing moves then.
    minHeight: tokens.lineHeightBase200,
  },
  content: { padding: `0 ${tokens.spacingHorizontalM} ${tokens.spacingHorizontalM}` },
})

interface Props {
  icon?: ReactNode
  label: string
  /** What is behind it, in short: not needed while it is open. */
  more?: string
  isOpen: boolean
  toggle(): void
  children: ReactNode
}

/** What is shown when a person asks for it. */
export function Disclosure({ icon, label, more, isOpen, toggle, children }: Props) {
  const styles = useStyles()
  return (
    <>
      <Button className={styles.head} appearance="subtle" aria-expanded={isOpen} onClick={toggle}>
        <span className={styles.label}>
          {icon}
          <span>
            {label}
            {more !== undefined && !isOpen && <span className={styles.more}>{more}</span>}
          </span>
        </span>
        <Icon name={isOpen ? 'less' : 'more'} />
      </Button>
      {isOpen && <div className={styles.content}>{children}</div>}
    </>
  )
}
