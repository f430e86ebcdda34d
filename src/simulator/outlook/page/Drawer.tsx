import { Button, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { narrow } from './narrow.ts'

const useStyles = makeStyles({
  drawer: {
    display: 'flex',
    flexDirection: 'column',
    flex: '1 1 0',
    minWidth: 0,
    minHeight: 0,
    overflow: 'hidden',
    '& + &': { borderLeft: `1px solid ${tokens.colorNeutralStroke2}` },
    backgroundColor: tokens.colorNeutralBackground2,
    borderTop: `2px solid ${tokens.colorBrandStroke1}`,
  },
  header: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
  },
  title: { [narrow]: { flexGrow: 1 } },
  // A narrow drawer has its buttons beside its name.
  sentence: { flex: '1 1 16rem', [narrow]: { order: 1, flexBasis: '100%' } },
  list: {
    listStyle: 'none',
    margin: 0,
    padding: `0 ${tokens.spacingHorizontalL} ${tokens.spacingVerticalM}`,
    overflowY: 'auto',
    flexGrow: 1,
    '&:focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
})

/** The style of a list that scrolls in a drawer. */
export const useListStyle = () => useStyles().list

interface Props {
  /** `Ledger` */
  name: string
  /** What the drawer says of itself at any time. */
  status: string
  action?: { label: string; act(): void }
  close(): void
  children: ReactNode
}

/** A drawer at the bottom of the page, with a heading, its state, at most one action and a button to close it. */
export function Drawer({ name, status, action, close, children }: Props) {
  const styles = useStyles()
  return (
    <section className={styles.drawer} aria-label={name}>
      <div className={styles.header}>
        <Subtitle2 as="h2" className={styles.title}>
          {name}
        </Subtitle2>
        <Text className={styles.sentence} role="status">
          {status}
        </Text>
        {action && (
          <Button size="small" onClick={action.act}>
            {action.label}
          </Button>
        )}
        <Button
          size="small"
          appearance="subtle"
          icon={<DismissRegular />}
          aria-label={`Close ${name === 'Zoom' ? name : name.toLowerCase()}`}
          onClick={close}
        />
      </div>
      {children}
    </section>
  )
}
