import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { grouped } from '../outlook/invitation.ts'
import type { Seen } from './use-meeting.ts'
import { when } from './when.ts'

const useStyles = makeStyles({
  card: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  text: { margin: 0 },
  state: { margin: 0, fontWeight: tokens.fontWeightSemibold },
  facts: { margin: 0, display: 'grid', gap: tokens.spacingVerticalS },
  term: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, overflowWrap: 'anywhere' },
})

const says: Record<Seen['state'], string> = {
  none: 'No Zoom meeting yet',
  copy: 'A copy, without a Zoom meeting of its own',
  true: 'Ready, and true to this appointment',
  behind: 'The appointment has changed since',
  unfinished: 'The invitation is not complete yet',
  series: 'Ready: one Zoom meeting for the whole series',
}

/** The appointment's meeting, and the facts it was made for. */
export function Meeting({ made, state, owner }: Seen) {
  const styles = useStyles()
  return (
    <section aria-label="State" className={styles.card}>
      <p role="status" className={styles.state}>
        {says[state]}
      </p>
      {owner && <p className={styles.text}>In the calendar of {owner}: the meeting is theirs.</p>}
      {!made && (
        <p className={styles.text}>
          {state === 'copy' && 'The link in it is the other appointment’s. '}
          Add one, and its link goes into the location and to the top of the invitation.
        </p>
      )}
      {made && (
        <dl className={styles.facts}>
          <Fact name="Join link">
            <a href={made.meeting.joinUrl} target="_blank" rel="noreferrer">
              {made.meeting.joinUrl}
            </a>
            <br />
            <CopyButton text={made.meeting.joinUrl} />
          </Fact>
          <Fact name="Meeting ID">{grouped(made.meeting.id)}</Fact>
          {made.meeting.passcode && <Fact name="Passcode">{made.meeting.passcode}</Fact>}
          <Fact name="Title">{made.facts.subject || 'Without a title'}</Fact>
          <Fact name="When">{when(made.facts)}</Fact>
          <Fact name="Time zone">{made.facts.timeZone}</Fact>
          <Fact name="Repeats">{made.facts.recurring ? 'Yes' : 'No'}</Fact>
        </dl>
      )}
    </section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  const styles = useStyles()
  return (
    <div>
      <dt className={styles.term}>{name}</dt>
      <dd className={styles.value}>{children}</dd>
    </div>
  )
}

function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  async function copy() {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <Button size="small" onClick={copy}>
      {copied ? 'Copied' : 'Copy link'}
    </Button>
  )
}
