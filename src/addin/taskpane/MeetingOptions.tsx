import { Button, Field, Input, makeStyles, Select, Spinner, tokens } from '@fluentui/react-components'
import { type FormEvent, useId, useState } from 'react'
import { says } from '../../browser/says.ts'
import {
  type OptionName,
  type OptionValue,
  optionNames,
  optionTexts,
  optionValues,
} from '../../contract/meeting-options.ts'
import type { AddIn } from '../compose.ts'
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

/** What people read about each option, and about its values if they are not on and off. */
const texts: Record<OptionName, { label: string; values?: Record<string, string> }> = {
  waitingRoom: { label: 'Waiting room' },
  meetingAuthentication: { label: 'Only people who are signed in can join' },
  joinBeforeHost: { label: 'People can join before the host' },
  jbhTime: {
    label: 'How long before the start',
    values: { 5: '5 minutes', 10: '10 minutes', 15: '15 minutes', any: 'At any time' },
  },
  muteUponEntry: { label: 'Mute people when they join' },
  hostVideo: { label: 'Start with the host’s video on' },
  participantVideo: { label: 'Start with participants’ video on' },
  autoRecording: {
    label: 'Record automatically',
    values: { none: 'No', local: 'On the computer', cloud: 'In the cloud' },
  },
  audio: {
    label: 'Audio',
    values: {
      both: 'Computer and telephone',
      voip: 'Computer only',
      telephony: 'Telephone only',
      thirdParty: 'Another provider',
    },
  },
  encryptionType: {
    label: 'Encryption',
    values: { enhanced: 'Enhanced', e2ee: 'End to end' },
  },
  continuousMeetingChat: { label: 'Keep the chat before and after the meeting' },
  autoStartMeetingSummary: { label: 'Summarise the meeting with AI Companion' },
  whoWillReceiveSummary: {
    label: 'Who gets the summary',
    values: {
      host: 'The host only',
      hosts: 'Host, co-hosts and alternative hosts',
      organisation: 'Those and people of your organisation',
      everybody: 'All who were invited',
    },
  },
  autoStartAiCompanionQuestions: { label: 'People can ask AI Companion questions' },
  languageInterpretation: { label: 'Language interpretation' },
  signLanguageInterpretation: { label: 'Sign language interpretation' },
}

const decides = {
  organisation: 'Your organisation decides this.',
  zoom: 'Your Zoom account decides this.',
} as const

const newsOf = { reading: 'Reading the options …', saving: 'Saving …', saved: 'Saved in Zoom.' } as const

/** The options of the meeting, as Zoom has them. A change is sent when it is made. */
export default function MeetingOptions({ addIn, renew }: { addIn: AddIn; renew(): void }) {
  const styles = useStyles()
  const { found, chosen, problem, news, read, change, quiet } = useMeetingOptions(addIn)
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
      {!found && !problem && <Spinner size="tiny" label={newsOf.reading} />}
      <p role="status" className={styles.more}>
        {found && news && news !== 'reading' ? newsOf[news] : ''}
      </p>
      {problem && (
        <div role="alert">
          <p className={styles.text}>{says(problem)}</p>
          {problem.code === 'meeting_gone' ? (
            <Button size="small" onClick={renew}>
              Add Zoom meeting
            </Button>
          ) : (
            <Button size="small" onClick={read}>
              {found ? 'Read the options again' : 'Try again'}
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
  const { label, values } = texts[name]
  const describedBy = more && reason
  return (
    <div>
      <label htmlFor={id} className={styles.label}>
        {label}
        {values ? (
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
                {values[one]}
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
      ? `“${wrong}” is no e-mail address.`
      : wanted.length > optionTexts.alternativeHosts.maxLength
        ? 'These are more addresses than Zoom takes. Name fewer people.'
        : undefined
    setFault(found)
    if (found) quiet()
    else save(wanted)
  }
  return (
    <form className={styles.hosts} onSubmit={submit} noValidate>
      <Field
        label="Alternative hosts"
        hint="E-mail addresses of people in your Zoom account, who can start the meeting too."
        {...(fault && { validationMessage: fault })}
      >
        <Input
          value={written}
          autoComplete="off"
          spellCheck={false}
          onChange={(_, { value }) => setWritten(value)}
        />
      </Field>
      <Button className={styles.save} size="small" type="submit">
        Save alternative hosts
      </Button>
    </form>
  )
}
const addressForm = new RegExp(optionTexts.alternativeHosts.pattern, 'u')

/** Why the option cannot be changed, or has no effect. */
function more(
  lockedBy: keyof typeof decides | undefined,
  name: OptionName,
  waitingRoom: OptionValue | undefined,
) {
  if (lockedBy) return decides[lockedBy]
  const hasNoEffect = name === 'joinBeforeHost' && waitingRoom === 'on'
  return hasNoEffect ? 'With the waiting room on, everybody waits for the host.' : undefined
}
