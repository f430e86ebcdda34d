import {
  Button,
  FluentProvider,
  Label,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Select,
  Spinner,
  tokens,
} from '@fluentui/react-components'
import { CalendarLtrRegular, ReceiptFilled, ReceiptRegular } from '@fluentui/react-icons'
import { useId, useState } from 'react'
import { mailboxes } from '../../mailboxes.ts'
import { clients } from '../clients.ts'
import { Calendar } from './Calendar.tsx'
import { Compose } from './Compose.tsx'
import { LedgerDrawer } from './LedgerDrawer.tsx'
import { narrow } from './narrow.ts'
import { OutlookQuestion } from './Questions.tsx'
import { useOutlook } from './use-outlook.ts'
import { useTheme } from './use-theme.ts'

const useStyles = makeStyles({
  window: {
    display: 'flex',
    flexDirection: 'column',
    height: '100%',
    backgroundColor: tokens.colorNeutralBackground3,
    // A small window scrolls as a whole.
    [narrow]: { height: 'auto', minHeight: '100%' },
  },
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
    flexShrink: 0,
  },
  name: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  rest: { flexGrow: 1, fontSize: tokens.fontSizeBase200 },
  chooser: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    '@media (max-width: 480px)': { width: '100%' },
  },
  label: { color: 'inherit', flexShrink: 0, '@media (max-width: 480px)': { minWidth: '6rem' } },
  select: {
    maxWidth: '13rem',
    minWidth: 0,
    // Fluent sizes a select by its longest option.
    '& select': { width: '100%', minWidth: 0 },
    '@media (max-width: 480px)': { flexGrow: 1, maxWidth: 'none' },
  },
  onBrand: {
    color: 'inherit',
    fontWeight: tokens.fontWeightRegular,
    minWidth: 'auto',
    paddingLeft: tokens.spacingHorizontalS,
    paddingRight: tokens.spacingHorizontalS,
    ':hover': { color: 'inherit', textDecorationLine: 'underline' },
    ':hover:active': { color: 'inherit' },
  },
  waiting: { margin: 'auto' },
})

/** The whole page: an Outlook in a browser, and the ledger of what the add-in does in it. */
export function Window() {
  const outlook = useOutlook()
  const theme = useTheme(outlook.host)
  const [ledger, setLedger] = useState(false)
  const styles = useStyles()
  return (
    <FluentProvider theme={theme} style={{ height: '100%' }}>
      <div className={styles.window}>
        <Bar outlook={outlook} ledger={ledger} setLedger={setLedger} />
        {outlook.missing && (
          <MessageBar intent="warning" role="status" layout="multiline">
            <MessageBarBody>This Outlook has no add-in. {outlook.missing}</MessageBarBody>
          </MessageBar>
        )}
        {outlook.notice && (
          <MessageBar intent="success" role="status">
            <MessageBarBody>{outlook.notice}</MessageBarBody>
          </MessageBar>
        )}
        <View outlook={outlook} />
        {ledger && <LedgerDrawer close={() => setLedger(false)} />}
      </div>
      <OutlookQuestion host={outlook.host} />
    </FluentProvider>
  )
}

type Outlook = ReturnType<typeof useOutlook>

function View({ outlook: { addIn, host, language, open, write } }: { outlook: Outlook }) {
  const styles = useStyles()
  if (!addIn) return <Spinner className={styles.waiting} label="Reading the add-in's manifest" />
  if (!host) return <Calendar language={language} open={open} write={write} />
  return <Compose host={host} />
}

interface BarProps {
  outlook: Outlook
  ledger: boolean
  setLedger(open: boolean): void
}

function Bar({ outlook, ledger, setLedger }: BarProps) {
  const styles = useStyles()
  const { client, mailboxId, choose, showCalendar } = outlook
  return (
    <header className={styles.bar}>
      <h1 className={styles.name}>Outlook</h1>
      <span className={styles.rest}>simulated, with the genuine Office.js</span>
      <Chooser label="Outlook client" rows={clients} value={client} choose={(id) => choose('client', id)} />
      <Chooser label="Mailbox" rows={mailboxes} value={mailboxId} choose={(id) => choose('mailbox', id)} />
      <Button
        appearance="transparent"
        className={styles.onBrand}
        icon={<CalendarLtrRegular />}
        onClick={showCalendar}
      >
        Calendar
      </Button>
      <Button
        appearance="transparent"
        className={styles.onBrand}
        icon={ledger ? <ReceiptFilled /> : <ReceiptRegular />}
        aria-expanded={ledger}
        onClick={() => setLedger(!ledger)}
      >
        Ledger
      </Button>
    </header>
  )
}

interface ChooserProps {
  label: string
  rows: Record<string, { says: string; group?: string }>
  value: string
  choose(id: string): void
}

function Chooser({ label, rows, value, choose }: ChooserProps) {
  const styles = useStyles()
  const id = useId()
  const option = (name: string) => (
    <option key={name} value={name}>
      {rows[name]?.says}
    </option>
  )
  return (
    <div className={styles.chooser}>
      <Label htmlFor={id} size="small" className={styles.label}>
        {label}
      </Label>
      <Select
        id={id}
        size="small"
        className={styles.select}
        value={value}
        onChange={(_, data) => choose(data.value)}
      >
        {groupsOf(rows).map(([group, names]) =>
          group ? (
            <optgroup key={group} label={group}>
              {names.map(option)}
            </optgroup>
          ) : (
            names.map(option)
          ),
        )}
      </Select>
    </div>
  )
}

/** The names of the rows, each group's together, in the order of the table. */
function groupsOf(rows: ChooserProps['rows']): [group: string, names: string[]][] {
  const groups = new Map<string, string[]>()
  for (const [name, { group = '' }] of Object.entries(rows))
    groups.set(group, [...(groups.get(group) ?? []), name])
  return [...groups]
}
