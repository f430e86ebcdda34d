import { Button, Caption1, makeStyles, Subtitle2, Text, Title3, tokens } from '@fluentui/react-components'
import {
  AddRegular,
  ArrowRepeat1Regular,
  ArrowRepeatAllRegular,
  ArrowRightRegular,
  ArrowStepInRightRegular,
  CalendarCancelRegular,
  CalendarLtrRegular,
  CopyRegular,
  DeleteRegular,
  MailArrowForwardRegular,
  SplitHorizontalRegular,
  WindowRegular,
} from '@fluentui/react-icons'
import type { ReactElement } from 'react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Mailbox, mailboxes } from '../../people.ts'
import { told } from '../host/plug-in.ts'
import {
  type Appointment,
  copy,
  dayOf,
  dragged,
  first,
  following,
  forwarded,
  locationsText,
  occurrence,
} from '../item/appointment.ts'
import { wallTime } from '../item/time-zones.ts'
import { appointments, discard, keep } from '../server.ts'
import { DayStrip, dayBefore, has } from './DayStrip.tsx'

const useStyles = makeStyles({
  calendar: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    flexGrow: 1,
    overflowY: 'auto',
    width: '100%',
    maxWidth: '48rem',
    margin: '0 auto',
    padding: tokens.spacingHorizontalXL,
    boxSizing: 'border-box',
    '@media (max-width: 480px)': { padding: tokens.spacingHorizontalM },
  },
  heading: {
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
  },
  title: { margin: 0, outlineStyle: 'none' },
  list: { listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  entry: {
    display: 'flex',
    flexWrap: 'wrap',
    cursor: 'grab',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
    borderLeft: `4px solid ${tokens.colorBrandBackground}`,
    boxShadow: tokens.shadow2,
    paddingRight: tokens.spacingHorizontalS,
  },
  open: {
    flex: '1 1 14rem',
    minWidth: 0,
    justifyContent: 'flex-start',
    textAlign: 'left',
    fontWeight: 'normal',
  },
  // They stay together, also where they have a line of their own.
  deeds: { display: 'flex', flexWrap: 'wrap', justifyContent: 'flex-end', marginLeft: 'auto' },
  words: { display: 'flex', flexDirection: 'column', minWidth: 0, overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground3 },
  empty: {
    display: 'grid',
    justifyItems: 'center',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingVerticalXXXL,
    color: tokens.colorNeutralForeground3,
    textAlign: 'center',
    fontSize: '40px',
  },
})

interface Props {
  language: string
  /** The e-mail address of its owner. */
  calendar: string
  /** The client has a small form, in which no add-in runs. */
  smallForm: boolean
  /** A plug-in sees what happens in the calendar. */
  plugIn: boolean
  open(appointment: Appointment, small?: boolean): void
  write(small?: boolean): void
  say(notice: string): void
}

/** The saved appointments, in order of time. */
export function Calendar({ language, calendar, smallForm, plugIn, open, write, say }: Props) {
  const styles = useStyles()
  const [kept, setKept] = useState<Appointment[] | null>(null)
  const [from, setFrom] = useState('')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const load = useCallback(
    () =>
      appointments(calendar).then((all) => {
        setKept(inOrder(all))
        const first = inOrder(all)[0]
        if (first) setFrom((now) => (now && has(now, dayOf(first)) ? now : dayBefore(dayOf(first))))
      }),
    [calendar],
  )
  useEffect(() => {
    load().catch(console.error)
  }, [load])
  const remove = (gone: Appointment) =>
    discard(gone)
      .then(() => (plugIn ? told('remove', gone) : undefined))
      .then(load)
      // The button that was pressed is gone too.
      .then(() => heading.current?.focus())
  const deeds: Deeds = {
    open,
    remove: (gone) => remove(gone).catch(console.error),
    cancel: (gone) =>
      remove(gone).then(() => say(`Cancelled. ${people(gone)} got the cancellation.`), console.error),
    forward(one) {
      const { emailAddress, displayName } = colleagueOf(calendar)
      keep(forwarded(one), emailAddress).then(
        () => say(`Forwarded. It is in the calendar of ${displayName}.`),
        console.error,
      )
    },
    drag(one, day) {
      const moved = dragged(one, day)
      keep(moved, calendar)
        .then(() => (plugIn ? told('update', moved) : undefined))
        .then(load)
        .catch(console.error)
    },
  }
  return (
    <main className={styles.calendar}>
      <div className={styles.heading}>
        <h2 ref={heading} tabIndex={-1} className={styles.title}>
          <Title3>Calendar</Title3>
        </h2>
        <span>
          <Button appearance="primary" icon={<AddRegular />} onClick={() => write()}>
            New appointment
          </Button>
          {smallForm && (
            <Button appearance="subtle" icon={<WindowRegular />} onClick={() => write(true)}>
              New in the small form
            </Button>
          )}
        </span>
      </div>
      {kept?.length === 0 && (
        <div className={styles.empty}>
          <CalendarLtrRegular aria-hidden />
          <Text>Your calendar is empty. Appointments appear here after you save or send them.</Text>
        </div>
      )}
      {kept !== null && kept.length > 0 && (
        <section className={styles.list} aria-label="Drag to a day">
          <Caption1 className={styles.quiet}>
            Drag an appointment to a day, or press its arrow. No add-in is asked.
          </Caption1>
          <DayStrip
            from={from}
            language={language}
            busy={new Set(kept.map((one) => dayOf(one)))}
            drop={(id, day) => {
              const one = kept.find((other) => other.id === id)
              if (one && dayOf(one) !== day) deeds.drag(one, day)
            }}
          />
        </section>
      )}
      <ul className={styles.list} aria-label="Appointments">
        {kept?.map((appointment) => (
          <li
            key={appointment.id}
            className={styles.entry}
            draggable
            onDragStart={({ dataTransfer }) => dataTransfer.setData('text/plain', appointment.id ?? '')}
          >
            <Button appearance="transparent" className={styles.open} onClick={() => open(appointment)}>
              <span className={styles.words}>
                <Subtitle2>{appointment.subject || '(No title)'}</Subtitle2>
                <Text>
                  {timeOf(appointment, language)}{' '}
                  {appointment.recurrence &&
                    (appointment.seriesId ? (
                      <ArrowRepeat1Regular aria-label="one of a series" />
                    ) : (
                      <ArrowRepeatAllRegular aria-label="repeats" />
                    ))}
                </Text>
                <Caption1 className={styles.quiet}>
                  {[appointment.sent ? 'Sent' : 'Not sent', locationsText(appointment.locations)]
                    .filter(Boolean)
                    .join(' · ')}
                </Caption1>
              </span>
            </Button>
            <span className={styles.deeds}>
              {deedsFor(appointment, smallForm).map(({ says, icon, does }) => (
                <Deed
                  key={says}
                  says={says.replace('*', () => appointment.subject)}
                  icon={icon}
                  does={() => does(appointment, deeds)}
                />
              ))}
            </span>
          </li>
        ))}
      </ul>
    </main>
  )
}

/** What the person can do with a saved appointment in the calendar. No add-in is asked. */
interface Deeds extends Pick<Props, 'open'> {
  remove(appointment: Appointment): void
  cancel(appointment: Appointment): void
  forward(appointment: Appointment): void
  /** Without a day: to the next one. */
  drag(appointment: Appointment, day?: string): void
}

interface Row {
  /** `*`: the title. */
  says: string
  icon: ReactElement
  does(appointment: Appointment, deeds: Deeds): void
  /** Only for these; for every appointment without it. */
  only?(appointment: Appointment, smallForm: boolean): boolean
}

const isSeries = ({ recurrence, seriesId }: Appointment) => recurrence !== null && seriesId === null

const rows: Row[] = [
  {
    says: 'Open one occurrence of *',
    icon: <ArrowRepeat1Regular />,
    does: (one, { open }) => open(occurrence(one)),
    only: isSeries,
  },
  {
    says: 'Open this and all following of *',
    icon: <SplitHorizontalRegular />,
    does: (one, { open }) => open(following(one)),
    only: isSeries,
  },
  {
    says: 'Open * in the small form',
    icon: <WindowRegular />,
    does: (one, { open }) => open(one, true),
    only: (_, smallForm) => smallForm,
  },
  {
    says: 'Drag * to the next day',
    icon: <ArrowRightRegular />,
    does: (one, { drag }) => drag(one),
  },
  {
    says: 'Drag one occurrence of * to the next day',
    icon: <ArrowStepInRightRegular />,
    does: (one, { drag }) => drag(occurrence(one)),
    only: isSeries,
  },
  { says: 'Duplicate *', icon: <CopyRegular />, does: (one, { open }) => open(copy(one)) },
  {
    says: 'Forward * to a colleague',
    icon: <MailArrowForwardRegular />,
    does: (one, { forward }) => forward(one),
    only: ({ sent }) => sent,
  },
  {
    says: 'Cancel *',
    icon: <CalendarCancelRegular />,
    does: (one, { cancel }) => cancel(one),
    only: ({ sent }) => sent,
  },
  { says: 'Delete *', icon: <DeleteRegular />, does: (one, { remove }) => remove(one) },
]

const deedsFor = (appointment: Appointment, smallForm: boolean) =>
  rows.filter(({ only }) => only?.(appointment, smallForm) ?? true)

/** Somebody else whose mailbox is where this one is. */
function colleagueOf(calendar: string): Mailbox {
  const all = Object.values<Mailbox>(mailboxes)
  const own = all.find(({ emailAddress }) => emailAddress === calendar)
  const isColleague = ({ emailAddress, accountType }: Mailbox) =>
    emailAddress !== calendar && accountType === own?.accountType
  return all.find(isColleague) ?? mailboxes['exchange-online']
}

/** `One person`, `3 people`. */
function people({ required, optional }: Appointment): string {
  const count = required.length + optional.length
  return count === 1 ? 'One person' : `${count} people`
}

function Deed({ says, icon, does }: { says: string; icon: ReactElement; does(): void }) {
  return <Button appearance="subtle" icon={icon} aria-label={says} title={says} onClick={does} />
}

const inOrder = (all: Appointment[]) => [...all].sort((a, b) => a.start.localeCompare(b.start))

/** Date and time in the appointment's own zone. */
function timeOf(appointment: Appointment, language: string): string {
  const { start, end, timeZone } = first(appointment)
  const says = (at: number, style: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...style, timeZone: 'UTC' }).format(
      Date.parse(`${wallTime(at, timeZone)}Z`),
    )
  return `${says(start, { dateStyle: 'full', timeStyle: 'short' })} – ${says(end, { timeStyle: 'short' })}`
}
