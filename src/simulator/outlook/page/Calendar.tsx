import { Button, Caption1, makeStyles, Subtitle2, Text, Title3, tokens } from '@fluentui/react-components'
import {
  AddRegular,
  ArrowRepeat1Regular,
  ArrowRepeatAllRegular,
  CalendarLtrRegular,
  CopyRegular,
  DeleteRegular,
} from '@fluentui/react-icons'
import type { ReactElement } from 'react'
import { useEffect, useRef, useState } from 'react'
import { type Appointment, copy, first, locationsText, occurrence } from '../item/appointment.ts'
import { wallTime } from '../item/time-zones.ts'
import { appointments, discard } from '../server.ts'

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
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
    borderLeft: `4px solid ${tokens.colorBrandBackground}`,
    boxShadow: tokens.shadow2,
    paddingRight: tokens.spacingHorizontalS,
  },
  open: { flexGrow: 1, minWidth: 0, justifyContent: 'flex-start', textAlign: 'left', fontWeight: 'normal' },
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
  open(appointment: Appointment): void
  write(): void
}

/** The saved appointments, in order of time. */
export function Calendar({ language, open, write }: Props) {
  const styles = useStyles()
  const [kept, setKept] = useState<Appointment[] | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
    appointments().then((all) => setKept(inOrder(all)), console.error)
  }, [])
  const remove = (gone: Appointment) =>
    discard(gone).then(() => setKept((all) => all?.filter(({ id }) => id !== gone.id) ?? null), console.error)
  return (
    <main className={styles.calendar}>
      <div className={styles.heading}>
        <h2 ref={heading} tabIndex={-1} className={styles.title}>
          <Title3>Calendar</Title3>
        </h2>
        <Button appearance="primary" icon={<AddRegular />} onClick={write}>
          New appointment
        </Button>
      </div>
      {kept?.length === 0 && (
        <div className={styles.empty}>
          <CalendarLtrRegular aria-hidden />
          <Text>Your calendar is empty. Appointments appear here after you save or send them.</Text>
        </div>
      )}
      <ul className={styles.list}>
        {kept?.map((appointment) => (
          <li key={appointment.id} className={styles.entry}>
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
            {appointment.recurrence && !appointment.seriesId && (
              <Deed
                says={`Open one occurrence of ${appointment.subject}`}
                icon={<ArrowRepeat1Regular />}
                does={() => open(occurrence(appointment))}
              />
            )}
            <Deed
              says={`Duplicate ${appointment.subject}`}
              icon={<CopyRegular />}
              does={() => open(copy(appointment))}
            />
            <Deed
              says={`Delete ${appointment.subject}`}
              icon={<DeleteRegular />}
              does={() => remove(appointment)}
            />
          </li>
        ))}
      </ul>
    </main>
  )
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
