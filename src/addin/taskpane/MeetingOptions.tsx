import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useId, useState } from 'react'
import {
  type OptionName,
  type OptionValue,
  optionNames,
  optionTexts,
  optionValues,
} from '../../contract/meeting-options.ts'
import type { AddIn } from '../compose.ts'
import { optionLabels, valueLabel } from '../texts/options.ts'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
import { Spinner } from './Spinner.tsx'
import { Switch } from './Switch.tsx'
import { useMeetingOptions } from './use-meeting-options.ts'

const useStyles = makeStyles({
  options: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  label: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
    minHeight: '24px',
  },
  hosts: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  save: { alignSelf: 'start' },
  text: { margin: 0 },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** The options of the meeting, as Zoom has them. A change is sent when it is made. */
export default function MeetingOptions({ addIn, renew }: { addIn: AddIn; renew(): void }) {
  const styles = useStyles()
  const { found, chosen, problem, news, read, change, quiet } = useMeetingOptions(addIn)
  const texts = optionLabels.get()
  const { add, tryAgain, readingOptions } = paneTexts.get()
  return (
    <div className={styles.options}>
      {optionNames.map((name) => {
        const value = chosen(name)
        return (
          value && (
            <Option
              key={name}
              name={name}
              value={value}
              more={more(found?.[name]?.lockedBy, name, chosen('waitingRoom'))}
              locked={found?.[name]?.lockedBy !== undefined}
              choose={(wanted) => change({ [name]: wanted })}
            />
          )
        )
      })}
      {found?.alternativeHosts !== undefined && (
        <AlternativeHosts
          now={found.alternativeHosts}
          quiet={quiet}
          save={(alternativeHosts) => change({ alternativeHosts })}
        />
      )}
      {!found && !problem && <Spinner label={readingOptions} />}
      <p role="status" className={styles.more}>
        {found && news && news !== 'reading' ? texts[news] : ''}
      </p>
      {problem && (
        <div role="alert">
          <p className={styles.text}>{says(problem)}</p>
          {problem.code === 'meeting_gone' ? (
            <Button size="small" onClick={renew}>
              {add}
            </Button>
          ) : (
            <Button size="small" onClick={read}>
              {found ? texts.readAgain : tryAgain}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

interface Props {
  name: OptionName
  value: OptionValue
  more: string | undefined
  locked: boolean
  choose(value: OptionValue): void
}

function Option({ name, value, more, locked, choose }: Props) {
  const styles = useStyles()
  const [id, reason] = [useId(), useId()]
  const texts = optionLabels.get()
  const describedBy = more && reason
  return (
    <div>
      <label htmlFor={id} className={styles.label}>
        {texts[name]}
        {value !== 'on' && value !== 'off' ? (
          <Select
            id={id}
            size="small"
            value={value}
            disabled={locked}
            aria-describedby={describedBy}
            onChange={(_, { value }) => choose(value as OptionValue)}
          >
            {optionValues[name].map((one) => (
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
            describedBy={describedBy}
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

interface HostsProps {
  now: string
  save(hosts: string): void
  quiet(): void
}

/** Who else may start the meeting. Zoom has semicolons between addresses; people write what they like. */
function AlternativeHosts({ now, save, quiet }: HostsProps) {
  const styles = useStyles()
  const texts = optionLabels.get()
  const [written, setWritten] = useState(now.split(';').join(', '))
  const [fault, setFault] = useState<string>()
  function submit(event: FormEvent) {
    event.preventDefault()
    const hosts = new Map(
      written
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map((host) => [host.toLowerCase(), host]),
    )
    const wanted = [...hosts.values()].join(';')
    const wrong = [...hosts.values()].find((host) => !addressForm.test(host))
    const found = wrong
      ? texts.noAddress({ written: wrong })
      : wanted.length > optionTexts.alternativeHosts.maxLength
        ? texts.tooManyHosts
        : undefined
    setFault(found)
    if (found) quiet()
    else save(wanted)
  }
  return (
    <form className={styles.hosts} onSubmit={submit} noValidate>
      <Field label={texts.hosts} hint={texts.hostsMore} {...(fault && { validationMessage: fault })}>
        <Input
          dir="ltr"
          value={written}
          autoComplete="off"
          spellCheck={false}
          onChange={(_, { value }) => setWritten(value)}
        />
      </Field>
      <Button className={styles.save} size="small" type="submit">
        {texts.saveHosts}
      </Button>
    </form>
  )
}
const addressForm = new RegExp(optionTexts.alternativeHosts.pattern, 'u')

/** Why the option cannot be changed, or has no effect. */
function more(
  lockedBy: 'organisation' | 'zoom' | undefined,
  name: OptionName,
  waitingRoom: OptionValue | undefined,
) {
  const texts = optionLabels.get()
  if (lockedBy) return texts[lockedBy]
  const hasNoEffect = name === 'joinBeforeHost' && waitingRoom === 'on'
  return hasNoEffect ? texts.everybodyWaits : undefined
}
