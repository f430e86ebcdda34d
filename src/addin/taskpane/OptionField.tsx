import { Button, Field, Input, makeStyles, mergeClasses, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useEffect, useId, useState } from 'react'
import {
  type MeetingOptions,
  type Offered,
  type OfferedName,
  type OptionName,
  type OptionValue,
  optionTexts,
  optionValues,
  type TextName,
} from '../../contract/meeting-options.ts'
import { optionLabels, valueLabel } from '../texts/options.ts'
import { Switch } from './Switch.tsx'

const useStyles = makeStyles({
  label: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
    minHeight: '24px',
    // A long value wraps below its label, and is cut in a narrow pane.
    flexWrap: 'wrap',
    '& > span': { minWidth: 0, maxWidth: '100%' },
    '& select': { minWidth: 0, width: '100%' },
  },
  /** A switch stays beside its label. */
  short: { flexWrap: 'nowrap' },
  several: { minWidth: 0, margin: 0, padding: 0, border: 0 },
  legend: { padding: 0 },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  save: { alignSelf: 'start' },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

interface Props {
  name: OptionName
  found: NonNullable<MeetingOptions[OptionName]>
  value: OptionValue | undefined
  /** Why it cannot be changed, or has no effect. */
  more: string | undefined
  choose(value: OptionValue): void
}

/** An option with values. One whose value Zoom has not said can be left as it is in the Zoom account. */
export function Choice({ name, found, value, more, choose }: Props) {
  const styles = useStyles()
  const [id, reason] = [useId(), useId()]
  const texts = optionLabels.get()
  const locked = found.lockedBy !== undefined
  const lacks = found.without?.split(';') ?? []
  const isList = value !== 'on' && value !== 'off'
  const described = { 'aria-describedby': more && reason, id }
  return (
    <div>
      <label htmlFor={id} className={mergeClasses(styles.label, !isList && styles.short)}>
        {texts[name]}
        {isList ? (
          <Select
            {...described}
            size="small"
            value={value ?? ''}
            disabled={locked}
            onChange={(_, { value }) => value && choose(value as OptionValue)}
          >
            {value === undefined && <option value="">{texts.asInZoom}</option>}
            {optionValues[name]
              .filter((one) => !lacks.includes(one))
              .map((one) => (
                <option key={one} value={one}>
                  {valueLabel(name, one)}
                </option>
              ))}
          </Select>
        ) : (
          <Switch
            id={id}
            on={value === 'on'}
            disabled={locked}
            describedBy={more && reason}
            set={(on) => choose(on ? 'on' : 'off')}
          />
        )}
      </label>
      {more && (
        <p id={reason} className={styles.more}>
          {more}
        </p>
      )}
    </div>
  )
}

interface PickedProps {
  label: string
  offered: Offered
  value: string
  /** What is wrong with the value, which is not offered. */
  gone: string
  choose(value: string): void
}

/** An option whose values the Zoom account has. */
export function Picked({ label, offered, value, gone, choose }: PickedProps) {
  const styles = useStyles()
  const [id, reason] = [useId(), useId()]
  const isOffered = value in offered
  const isGone = value !== '' && !isOffered
  return (
    <div>
      <label htmlFor={id} className={styles.label}>
        {label}
        <Select
          id={id}
          size="small"
          value={isOffered ? value : ''}
          {...(isGone && { 'aria-describedby': reason })}
          onChange={(_, { value }) => value && choose(value)}
        >
          {!isOffered && <option value="">{isGone ? '' : optionLabels.get().asInZoom}</option>}
          {Object.entries(offered).map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </Select>
      </label>
      {isGone && (
        <p id={reason} className={styles.more}>
          {gone}
        </p>
      )}
    </div>
  )
}

interface SeveralProps {
  label: string
  hint: string
  /** The names by what is chosen. */
  offered: Offered
  /** Several, separated by semicolons. */
  value: string
  choose(value: string): void
}

/** An option of which several values can be chosen. */
export function Several({ label, hint, offered, value, choose }: SeveralProps) {
  const styles = useStyles()
  const id = useId()
  const chosen = value.split(';').filter(Boolean)
  const others = (one: string) => chosen.filter((other) => other !== one)
  return (
    <fieldset className={styles.several} aria-describedby={id}>
      <legend className={styles.legend}>{label}</legend>
      {Object.entries(offered).map(([one, name]) => (
        <label key={one} htmlFor={`${id}${one}`} className={styles.label}>
          {name}
          <Switch
            id={`${id}${one}`}
            on={chosen.includes(one)}
            disabled={false}
            set={(on) => choose((on ? [...chosen, one] : others(one)).join(';'))}
          />
        </label>
      ))}
      <p id={id} className={styles.more}>
        {hint}
      </p>
    </fieldset>
  )
}

/** These are chosen, not written. */
export type WrittenName = Exclude<TextName, 'zoomTemplate' | OfferedName>

interface TextProps {
  name: WrittenName
  now: string
  save(text: string): void
  /** What was said of the last change is about that one only. */
  quiet(): void
}

/** An option that people write. Zoom has semicolons between its parts; people write what they like. */
export function Written({ name, now, save, quiet }: TextProps) {
  const styles = useStyles()
  const texts = optionLabels.get()
  const { read, show } = forms[name]
  const [written, setWritten] = useState(show(now))
  const [fault, setFault] = useState<string>()
  useEffect(() => setWritten(show(now)), [now, show])
  function submit(event: FormEvent) {
    event.preventDefault()
    const wanted = read(written)
    const { pattern, maxLength } = optionTexts[name]
    const parts = name === 'passcode' ? [written.trim()] : partsIn(written)
    const wrong = parts.find((part) => !new RegExp(pattern, 'u').test(read(part)))
    const why =
      wrong !== undefined
        ? texts[wrongOf[name]]({ written: wrong })
        : wanted.length > maxLength
          ? texts.tooLong
          : undefined
    setFault(why)
    if (why) quiet()
    else save(wanted)
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field label={texts[name]} hint={texts[`${name}.more`]} {...(fault && { validationMessage: fault })}>
        <Input
          dir="ltr"
          value={written}
          autoComplete="off"
          spellCheck={false}
          onChange={(_, { value }) => setWritten(value)}
        />
      </Field>
      <Button className={styles.save} size="small" type="submit">
        {texts.save({ label: texts[name] })}
      </Button>
    </form>
  )
}

export type DecidedName = Exclude<TextName, 'zoomTemplate'>

/** A text that nobody here can change. */
export function Decided({ name, text }: { name: DecidedName; text: string }) {
  const styles = useStyles()
  const texts = optionLabels.get()
  const isWritten = (one: DecidedName): one is WrittenName => one in forms
  return (
    <div>
      <div className={styles.label}>
        <span>{texts[name]}</span>
        <span dir="auto">{isWritten(name) ? forms[name].show(text) : text}</span>
      </div>
      <p className={styles.more}>{texts.organisation}</p>
    </div>
  )
}

const wrongOf = {
  passcode: 'noPasscode',
  alternativeHosts: 'noAddress',
  dialInCountries: 'noCountry',
  countries: 'noCountry',
} as const satisfies Record<WrittenName, string>

const partsIn = (written: string) => written.split(/[\s,;]+/).filter(Boolean)

/** The parts, each once, whatever its letters. */
const listIn = (written: string) => [
  ...new Map(partsIn(written).map((part) => [part.toLowerCase(), part])).values(),
]
const separated = (now: string) => now.split(';').join(', ')

/** What people write of an option, and back. */
const forms: Record<WrittenName, { read(written: string): string; show(now: string): string }> = {
  passcode: { read: (written) => written.trim(), show: (now) => now },
  alternativeHosts: { read: (written) => listIn(written).join(';'), show: separated },
  dialInCountries: { read: (written) => listIn(written).join(';').toUpperCase(), show: separated },
  countries: {
    read(written) {
      const list = listIn(written.replace(/^\s*[-−]/, ''))
        .join(';')
        .toUpperCase()
      return list && `${/^\s*[-−]/.test(written) ? 'deny' : 'approve'}:${list}`
    },
    show: (now) =>
      now
        .replace(/^approve:/, '')
        .replace(/^deny:/, '-')
        .split(';')
        .join(', '),
  },
}
