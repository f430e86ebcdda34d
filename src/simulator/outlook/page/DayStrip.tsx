import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { type DragEvent, useState } from 'react'

const useStyles = makeStyles({
  days: {
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    gridTemplateColumns: 'repeat(7, minmax(0, 1fr))',
    gap: '2px',
  },
  day: {
    display: 'grid',
    justifyItems: 'center',
    padding: tokens.spacingVerticalXS,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusSmall,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
  },
  under: { backgroundColor: tokens.colorBrandBackground2, outline: `2px solid ${tokens.colorStrokeFocus2}` },
  busy: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground1 },
})

interface Props {
  /** The first of fourteen days: `2030-03-04`. */
  from: string
  language: string
  /** The days that have appointments. */
  busy: ReadonlySet<string>
  /** An appointment was dragged to a day. */
  drop(id: string, day: string): void
}

/** Two weeks of days to which a person can drag appointments. Their buttons do the same by keyboard. */
export function DayStrip({ from, language, busy, drop }: Props) {
  const styles = useStyles()
  const [under, setUnder] = useState<string>()
  const over = (day: string) => (event: DragEvent) => {
    event.preventDefault()
    setUnder(day)
  }
  return (
    <ul className={styles.days} aria-label="Days">
      {daysFrom(from).map((day, index) => (
        <li
          key={day}
          aria-label={says(day, language, { dateStyle: 'full' })}
          className={mergeClasses(styles.day, busy.has(day) && styles.busy, under === day && styles.under)}
          onDragEnter={over(day)}
          onDragOver={over(day)}
          onDragLeave={() => setUnder((now) => (now === day ? undefined : now))}
          onDrop={(event) => {
            event.preventDefault()
            setUnder(undefined)
            drop(event.dataTransfer.getData('text/plain'), day)
          }}
        >
          <span>{says(day, language, { weekday: 'short' })}</span>
          <span>{says(day, language, index === 0 || day.endsWith('-01') ? monthAndDay : justDay)}</span>
        </li>
      ))}
    </ul>
  )
}

const justDay = { day: 'numeric' } as const
const monthAndDay = { month: 'short', day: 'numeric' } as const

const length = 14
const oneDay = 86_400_000

/** Whether the strip that begins on a day has another day. */
export const has = (from: string, day: string) => daysFrom(from).includes(day)

/** The day before, with which the strip begins so that an appointment can also be dragged back. */
export const dayBefore = (day: string) => dateOf(Date.parse(day) - oneDay)

const daysFrom = (from: string) =>
  Array.from({ length }, (_, index) => dateOf(Date.parse(from) + index * oneDay))

const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10)

const says = (day: string, language: string, style: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language, { ...style, timeZone: 'UTC' }).format(Date.parse(day))
