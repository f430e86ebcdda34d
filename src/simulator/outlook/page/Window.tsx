import {
  Button,
  FluentProvider,
  Label,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  Select,
  Spinner,
  tokens,
} from '@fluentui/react-components'
import {
  BeakerFilled,
  BeakerRegular,
  CalendarLtrRegular,
  DeviceMeetingRoomRegular,
  DoorRegular,
  type FluentIcon,
  MailInboxFilled,
  MailInboxRegular,
  PhoneDesktopRegular,
  ReceiptFilled,
  ReceiptRegular,
  VideoFilled,
  VideoRegular,
} from '@fluentui/react-icons'
import { useEffect, useId, useState } from 'react'
import { type MailboxId, mailboxes } from '../../people.ts'
import { type OutlookId, outlooks, refusal } from '../clients.ts'
import { calendarOf } from '../host/setting.ts'
import { type OwnerId, owners } from '../shared-calendars.ts'
import { Calendar } from './Calendar.tsx'
import { Compose } from './Compose.tsx'
import { InboxDrawer } from './InboxDrawer.tsx'
import { LedgerDrawer } from './LedgerDrawer.tsx'
import { isNarrow, narrow } from './narrow.ts'
import { OutlookQuestion } from './Questions.tsx'
import { SituationsDrawer } from './SituationsDrawer.tsx'
import { type Outlook, useOutlook } from './use-outlook.ts'
import { useTheme } from './use-theme.ts'
import { ZoomDrawer } from './ZoomDrawer.tsx'

const useStyles = makeStyles({
  window: {
    display: 'flex',
    flexDirection: 'column',
    height: '100%',
    backgroundColor: tokens.colorNeutralBackground3,
    // A narrow window scrolls as a whole.
    [narrow]: { height: 'auto', minHeight: '100%' },
  },
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
    flexShrink: 0,
  },
  name: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  chooser: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    '@media (max-width: 480px)': { width: '100%' },
  },
  label: {
    color: 'inherit',
    flexShrink: 0,
    '@media (max-width: 480px)': { minWidth: '6rem' },
    // The bar has one line there: what is chosen says enough, a pointer shows the label, a screen reader reads it.
    '@media (min-width: 481px) and (max-width: 1500px)': {
      position: 'absolute',
      width: '1px',
      height: '1px',
      overflow: 'hidden',
      clipPath: 'inset(50%)',
    },
  },
  select: {
    maxWidth: '10.5rem',
    minWidth: 0,
    // Fluent makes a select as wide as its longest option.
    '& select': { width: '100%', minWidth: 0 },
    '@media (max-width: 480px)': { flexGrow: 1, maxWidth: 'none' },
  },
  onBrand: {
    color: 'inherit',
    fontWeight: tokens.fontWeightRegular,
    minWidth: 'auto',
    paddingLeft: tokens.spacingHorizontalXS,
    paddingRight: tokens.spacingHorizontalXS,
    ':hover': { color: 'inherit', textDecorationLine: 'underline' },
    ':hover:active': { color: 'inherit' },
  },
  console: { color: 'inherit' },
  waiting: { margin: 'auto' },
  view: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0 },
  drawers: {
    display: 'flex',
    flexShrink: 0,
    height: '38vh',
    [narrow]: { position: 'sticky', bottom: 0, height: '50vh', zIndex: 1 },
  },
  phone: {
    width: '100%',
    maxWidth: '412px',
    margin: '0 auto',
    borderLeft: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRight: `1px solid ${tokens.colorNeutralStroke1}`,
    boxSizing: 'border-box',
  },
})

/** The whole page: the simulated Outlook and the ledger. */
export function Window() {
  const outlook = useOutlook()
  const theme = useTheme(outlook.host)
  const { open, toggle } = useDrawers()
  const styles = useStyles()
  return (
    <FluentProvider theme={theme} style={{ height: '100%' }}>
      <div className={styles.window}>
        <Bar outlook={outlook} open={open} toggle={toggle} />
        {outlook.missing && (
          <MessageBar intent="warning" role="status" layout="multiline">
            <MessageBarBody>This Outlook has no add-in. {outlook.missing}</MessageBarBody>
          </MessageBar>
        )}
        {outlook.refused && (
          <MessageBar intent="warning" role="status" layout="multiline">
            <MessageBarBody>{outlook.refused} The first mailbox is open instead.</MessageBarBody>
          </MessageBar>
        )}
        {outlook.notice && (
          <MessageBar intent="success" role="status">
            <MessageBarBody>{outlook.notice}</MessageBarBody>
          </MessageBar>
        )}
        <View outlook={outlook} />
        {open.length > 0 && (
          <div className={styles.drawers}>
            {open.includes('ledger') && <LedgerDrawer close={() => toggle('ledger')} />}
            {open.includes('zoom') && (
              <ZoomDrawer language={outlook.setting.language} close={() => toggle('zoom')} />
            )}
            {open.includes('inbox') && (
              <InboxDrawer mailbox={outlook.mailboxId} close={() => toggle('inbox')} />
            )}
            {open.includes('situations') && (
              <SituationsDrawer outlook={outlook} close={() => toggle('situations')} />
            )}
          </div>
        )}
      </div>
      <OutlookQuestion host={outlook.host} />
    </FluentProvider>
  )
}

type Drawer = 'inbox' | 'ledger' | 'situations' | 'zoom'

/** What is open beside each other, where there is room: Zoom's side shows what the ledger has no word of. */
const pair: readonly Drawer[] = ['ledger', 'zoom']

function useDrawers() {
  const [open, setOpen] = useState<readonly Drawer[]>([])
  const toggle = (drawer: Drawer) =>
    setOpen((now) => {
      if (now.includes(drawer)) return now.filter((one) => one !== drawer)
      const others = pair.includes(drawer) && !isNarrow() ? now.filter((one) => pair.includes(one)) : []
      return [...others, drawer]
    })
  // In a narrow window the page scrolls behind a drawer, and what has the focus is to be above it.
  useEffect(() => {
    document.documentElement.style.scrollPaddingBottom = open.length > 0 ? '50vh' : ''
  }, [open])
  return { open, toggle }
}

function View({ outlook: { addIn, host, setting, open, write, say } }: { outlook: Outlook }) {
  const styles = useStyles()
  const { language, client } = setting
  if (!addIn) return <Spinner className={styles.waiting} label="Reading the add-in's manifest" />
  return (
    <div className={mergeClasses(styles.view, client.display === 'phone' && styles.phone)}>
      {host ? (
        <Compose host={host} />
      ) : (
        <Calendar
          language={language}
          calendar={calendarOf(setting)}
          smallForm={client.smallForm}
          plugIn={client.plugIn === true}
          open={open}
          write={write}
          say={say}
        />
      )}
    </div>
  )
}

interface BarProps {
  outlook: Outlook
  open: readonly Drawer[]
  toggle(drawer: Drawer): void
}

function Bar({ outlook, open, toggle }: BarProps) {
  const styles = useStyles()
  const { setting, client, mailboxId, sharedFrom, choose, showCalendar } = outlook
  const { says } = setting.client
  useEffect(() => {
    document.title = `${says}, simulated`
  }, [says])
  return (
    <header className={styles.bar}>
      <h1 className={styles.name} title="With the genuine Office.js">
        Simulated Outlook
      </h1>
      <Chooser
        label="Outlook client"
        rows={outlooks}
        value={client}
        choose={(id) => choose({ client: id as OutlookId })}
      />
      <Chooser
        label="Mailbox"
        rows={mailboxes}
        value={mailboxId}
        choose={(id) => choose({ mailboxId: id as MailboxId })}
        refusal={(id) => refusal(setting.client, mailboxes[id as MailboxId])}
      />
      {setting.client.sharedFolders && (
        <Chooser
          label="Whose calendar"
          rows={calendars}
          value={sharedFrom ?? ''}
          choose={(id) => choose({ sharedFrom: id === '' ? undefined : (id as OwnerId) })}
        />
      )}
      <Button
        appearance="transparent"
        className={styles.onBrand}
        icon={<CalendarLtrRegular />}
        onClick={showCalendar}
      >
        Calendar
      </Button>
      <DrawerButton of="situations" icons={[BeakerRegular, BeakerFilled]} {...{ open, toggle }}>
        Situations
      </DrawerButton>
      <DrawerButton of="ledger" icons={[ReceiptRegular, ReceiptFilled]} {...{ open, toggle }}>
        Ledger
      </DrawerButton>
      <DrawerButton of="zoom" icons={[VideoRegular, VideoFilled]} {...{ open, toggle }}>
        Zoom
      </DrawerButton>
      {'exchangeId' in mailboxes[mailboxId] && (
        <DrawerButton of="inbox" icons={[MailInboxRegular, MailInboxFilled]} {...{ open, toggle }}>
          Inbox
        </DrawerButton>
      )}
      <Button
        appearance="transparent"
        className={styles.onBrand}
        icon={<PhoneDesktopRegular />}
        aria-label="App"
        title="An app with the meetings of today and tomorrow"
        onClick={() => window.open('/simulator/app', 'app', 'popup,width=420,height=760')}
      />
      <Button
        appearance="transparent"
        className={styles.onBrand}
        icon={<DoorRegular />}
        aria-label="Room"
        title="The screen of a room"
        onClick={() => window.open('/simulator/room', 'room', 'popup,width=1024,height=640')}
      />
      <Button
        appearance="transparent"
        className={styles.onBrand}
        icon={<DeviceMeetingRoomRegular />}
        aria-label="Room device"
        title="A room device of Cisco"
        onClick={() => window.open('/simulator/device', 'device', 'popup,width=640,height=640')}
      />
      <a className={styles.console} href="/simulator/console" target="_blank" rel="noreferrer">
        Administration
      </a>
    </header>
  )
}

interface DrawerButtonProps extends Pick<BarProps, 'open' | 'toggle'> {
  of: Drawer
  /** When the drawer is closed, and when it is open. */
  icons: [closed: FluentIcon, open: FluentIcon]
  children: string
}

function DrawerButton({ of, open, toggle, icons, children }: DrawerButtonProps) {
  const styles = useStyles()
  const isOpen = open.includes(of)
  const Icon = icons[isOpen ? 1 : 0]
  return (
    <Button
      appearance="transparent"
      className={styles.onBrand}
      icon={<Icon />}
      aria-expanded={isOpen}
      onClick={() => toggle(of)}
    >
      {children}
    </Button>
  )
}

const calendars = { '': { says: 'Own calendar' }, ...owners }

interface ChooserProps {
  label: string
  rows: Record<string, { says: string; group?: string }>
  value: string
  choose(id: string): void
  /** Why a row cannot be chosen; undefined: it can. */
  refusal?(id: string): string | undefined
}

function Chooser({ label, rows, value, choose, refusal }: ChooserProps) {
  const styles = useStyles()
  const id = useId()
  const option = (name: string) => {
    const why = refusal?.(name)
    return (
      <option key={name} value={name} disabled={why !== undefined}>
        {[rows[name]?.says, why].filter(Boolean).join(' — ')}
      </option>
    )
  }
  return (
    <div className={styles.chooser}>
      <Label htmlFor={id} size="small" className={styles.label}>
        {label}
      </Label>
      <Select
        id={id}
        size="small"
        className={styles.select}
        title={label}
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

/** The names of the rows by group, in the order of the table. */
function groupsOf(rows: ChooserProps['rows']): [group: string, names: string[]][] {
  const groups = new Map<string, string[]>()
  for (const [name, { group = '' }] of Object.entries(rows))
    groups.set(group, [...(groups.get(group) ?? []), name])
  return [...groups]
}
