import { Field, Input, makeStyles, mergeClasses, Select, tokens } from '@fluentui/react-components'
import {
  ArrowRepeatAllRegular,
  ClockRegular,
  EditRegular,
  LocationRegular,
  PeopleRegular,
  TextDescriptionRegular,
} from '@fluentui/react-icons'
import { type ReactElement, type ReactNode, useState } from 'react'
import type { OpenItem } from '../host/open-item.ts'
import {
  type Appointment,
  first,
  locations,
  locationsText,
  longestLocation,
  recipients,
  recipientsText,
  reschedule,
} from '../item/appointment.ts'
import { lastDay, patterns, repeat } from '../item/recurrence.ts'
import { instantOf, wallTime, zones } from '../item/time-zones.ts'
import { Body } from './Body.tsx'
import { useWatched } from './use-watched.ts'

const useStyles = makeStyles({
  form: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    width: '100%',
    maxWidth: '60rem',
    margin: '0 auto',
    padding: tokens.spacingHorizontalXXL,
    boxSizing: 'border-box',
    flexGrow: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow2,
    '@media (max-width: 480px)': { padding: tokens.spacingHorizontalM },
  },
  row: { display: 'flex', gap: tokens.spacingHorizontalM },
  tall: { flexGrow: 1, marginTop: tokens.spacingVerticalS },
  unlabelled: { paddingTop: tokens.spacingVerticalS },
  icon: {
    flexShrink: 0,
    paddingTop: '26px',
    fontSize: '20px',
    lineHeight: '32px',
    color: tokens.colorNeutralForeground3,
    '@media (max-width: 480px)': { display: 'none' },
  },
  fields: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    flexGrow: 1,
    minWidth: 0,
    '& > *': { flex: '1 1 10.5rem', minWidth: 0 },
    // Fluent makes a select as wide as its longest option, and a large input twenty characters wide.
    '& .fui-Select, & select, & input': { width: '100%', minWidth: 0 },
  },
  title: {
    '& input': {
      padding: `0 ${tokens.spacingHorizontalM}`,
      fontSize: tokens.fontSizeBase500,
      fontWeight: tokens.fontWeightSemibold,
    },
  },
})

/** The fields of an appointment. */
export function Form({ item }: { item: OpenItem }) {
  const styles = useStyles()
  const { appointment } = useWatched(item)
  return (
    <form className={styles.form} onSubmit={(event) => event.preventDefault()} aria-label="Appointment">
      <Row icon={<EditRegular />}>
        <Field label="Title">
          <Input
            size="large"
            className={styles.title}
            maxLength={255}
            value={appointment.subject}
            onChange={(_, { value }) => item.set({ subject: value })}
          />
        </Field>
      </Row>
      <Row icon={<PeopleRegular />}>
        <Field label="Required">
          <Words
            text={recipientsText(appointment.required)}
            placeholder="ada@contoso.example; grace@fabrikam.example"
            written={(text) => item.set({ required: recipients(text) })}
          />
        </Field>
      </Row>
      <When item={item} appointment={appointment} />
      <Repetition item={item} appointment={appointment} />
      <Row icon={<LocationRegular />}>
        <Field label="Location">
          <Words
            text={locationsText(appointment.locations)}
            longest={longestLocation}
            written={(text) => item.set({ locations: locations(text, item.appointment.locations) })}
          />
        </Field>
      </Row>
      <Row icon={<TextDescriptionRegular />} tall>
        <Body item={item} />
      </Row>
    </form>
  )
}

/** `tall`: fills the remaining height and has no label above it. */
function Row({ icon, tall = false, children }: { icon: ReactElement; tall?: boolean; children: ReactNode }) {
  const styles = useStyles()
  return (
    <div className={mergeClasses(styles.row, tall && styles.tall)}>
      <span className={mergeClasses(styles.icon, tall && styles.unlabelled)} aria-hidden>
        {icon}
      </span>
      <div className={styles.fields}>{children}</div>
    </div>
  )
}

/** A list as text. While it has the focus it stays as typed. */
function Words({
  text,
  placeholder,
  longest,
  written,
}: {
  text: string
  placeholder?: string
  longest?: number
  written(text: string): void
}) {
  const [typed, setTyped] = useState<string | null>(null)
  return (
    <Input
      value={typed ?? text}
      {...(placeholder ? { placeholder } : {})}
      {...(longest ? { maxLength: longest } : {})}
      onChange={(_, { value }) => {
        setTyped(value)
        written(value)
      }}
      onBlur={() => setTyped(null)}
    />
  )
}

type Part = { item: OpenItem; appointment: Appointment }

/** Start, end and zone. Times are local to the chosen zone. */
function When({ item, appointment }: Part) {
  const { start, end, timeZone } = first(appointment)
  const move = (wall: { start?: string; end?: string; timeZone?: string }) => {
    const { start, end, timeZone } = first(item.appointment)
    const zone = wall.timeZone ?? timeZone
    const from = instantOf(wall.start ?? wallTime(start, timeZone), zone)
    const to = instantOf(wall.end ?? wallTime(end, timeZone), zone)
    if (Number.isNaN(from) || Number.isNaN(to)) return
    // A new start moves the end too. Outlook corrects an end before the start.
    const length = wall.start ? end - start : Math.max(to - from, 0)
    item.set(reschedule(item.appointment, from, from + length, zone))
  }
  return (
    <Row icon={<ClockRegular />}>
      <Field label="Starts">
        <Input
          type="datetime-local"
          value={wallTime(start, timeZone)}
          onChange={(_, { value }) => move({ start: value })}
        />
      </Field>
      <Field label="Ends">
        <Input
          type="datetime-local"
          value={wallTime(end, timeZone)}
          onChange={(_, { value }) => move({ end: value })}
        />
      </Field>
      <Field label="Time zone">
        <Select value={timeZone} onChange={(_, { value }) => move({ timeZone: value })}>
          {zones(start).map(({ name, says }) => (
            <option key={name} value={name}>
              {says}
            </option>
          ))}
        </Select>
      </Field>
    </Row>
  )
}

function Repetition({ item, appointment }: Part) {
  const { recurrence } = appointment
  const until = recurrence ? lastDay(recurrence) : ''
  return (
    <Row icon={<ArrowRepeatAllRegular />}>
      <Field label="Repeat">
        <Select
          value={recurrence?.recurrenceType ?? 'none'}
          disabled={appointment.seriesId !== null}
          onChange={(_, { value }) => item.set({ recurrence: repeat(value, first(appointment), until) })}
        >
          <option value="none">Does not repeat</option>
          {patterns.map(({ type, says }) => (
            <option key={type} value={type}>
              {says}
            </option>
          ))}
        </Select>
      </Field>
      {recurrence && (
        <Field label="Until">
          <Input
            type="date"
            value={until}
            onChange={(_, { value }) =>
              item.set({ recurrence: repeat(recurrence.recurrenceType, first(appointment), value) })
            }
          />
        </Field>
      )}
    </Row>
  )
}
