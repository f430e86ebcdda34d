import { Badge, Caption1, makeStyles, tokens } from '@fluentui/react-components'
import { useEffect, useRef, useState } from 'react'
import type { Recorded } from '../../kit/ledger.ts'
import { followLedger, reset } from '../server.ts'
import { Drawer, useListStyle } from './Drawer.tsx'
import { whatLeft } from './what-left.ts'

const useStyles = makeStyles({
  entry: {
    display: 'grid',
    gridTemplateColumns: '2.5rem 7.5rem minmax(0, 1fr)',
    alignItems: 'baseline',
    columnGap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalXS} 0`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    '@media (max-width: 480px)': { gridTemplateColumns: '1.5rem minmax(0, 1fr)' },
  },
  number: { color: tokens.colorNeutralForeground3, textAlign: 'right' },
  call: {
    fontFamily: tokens.fontFamilyMonospace,
    overflowWrap: 'anywhere',
    '@media (max-width: 480px)': { gridColumn: '2' },
  },
  details: {
    gridColumn: '3',
    margin: `${tokens.spacingVerticalXXS} 0 0`,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    '@media (max-width: 480px)': { gridColumn: '2' },
  },
  empty: { padding: `0 ${tokens.spacingHorizontalL}`, color: tokens.colorNeutralForeground3 },
})

/** Every call of the add-in to Outlook and every request to the service, live. */
export function LedgerDrawer({ close }: { close(): void }) {
  const styles = useStyles()
  const { entries, forget } = useLedger()
  const end = useRef<HTMLLIElement>(null)
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [entries.length])
  return (
    <Drawer
      name="Ledger"
      status={whatLeft(entries)}
      action={{ label: 'Start over', act: () => reset().then(forget, console.error) }}
      close={close}
    >
      {entries.length === 0 && (
        <Caption1 className={styles.empty}>
          Every call of the add-in to Outlook and every request to the service appears here.
        </Caption1>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ol className={useListStyle()} tabIndex={0} aria-label="Entries">
        {entries.map((entry) => (
          <Entry key={entry.number} entry={entry} />
        ))}
        <li ref={end} aria-hidden />
      </ol>
    </Drawer>
  )
}

function Entry({ entry }: { entry: Recorded }) {
  const styles = useStyles()
  const outlook = entry.kind === 'outlook'
  const details = outlook ? entry.params : entry.body
  return (
    <li className={styles.entry}>
      <Caption1 className={styles.number}>{entry.number}</Caption1>
      <span>
        <Badge appearance={outlook ? 'tint' : 'filled'} color={outlook ? 'informative' : 'brand'}>
          {outlook ? entry.runtime : 'service'}
        </Badge>
      </span>
      <span className={styles.call}>
        {outlook ? entry.call : `${entry.method} ${entry.path} ${entry.status ?? '…'}`}
      </span>
      {details !== undefined && <pre className={styles.details}>{shown(details)}</pre>}
    </li>
  )
}

/** On one line if it is short. */
function shown(details: unknown): string {
  if (typeof details === 'string') return details
  const line = JSON.stringify(details)
  return line.length < 100 ? line : JSON.stringify(details, null, 2)
}

/** The entries in order. An entry that is sent again replaces its first version. */
function useLedger(): { entries: Recorded[]; forget(): void } {
  const [entries, setEntries] = useState(new Map<number, Recorded>())
  useEffect(() => {
    return followLedger((entry) => setEntries((known) => new Map(known).set(entry.number, entry)))
  }, [])
  return {
    entries: [...entries.values()].sort((a, b) => a.number - b.number),
    forget: () => setEntries(new Map()),
  }
}
