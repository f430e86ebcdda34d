import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { grouped } from '../outlook/invitation.ts'
import type { View } from './use-meeting.ts'
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
  state: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    margin: 0,
    fontWeight: tokens.fontWeightSemibold,
  },
  mark: {
    '::before': {
      content: '""',
      flexShrink: 0,
      width: '8px',
      height: '8px',
      borderRadius: tokens.borderRadiusCircular,
      backgroundColor: 'currentcolor',
    },
  },
  good: { '::before': { color: tokens.colorStatusSuccessForeground1 } },
  attention: { '::before': { color: tokens.colorStatusWarningForeground1 } },
  facts: { margin: 0, display: 'grid', gap: tokens.spacingVerticalS },
  term: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, overflowWrap: 'anywhere' },
  join: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'start',
    gap: tokens.spacingVerticalXS,
    '& a': { color: tokens.colorBrandForegroundLink },
  },
})

/** What the pane says of each state, and the colour of the mark before it. */
const states: Record<View['state'], [says: string, mark?: 'good' | 'attention']> = {
  none: ['No Zoom meeting yet'],
  copy: ['This copy has no Zoom meeting of its own'],
  current: ['Up to date', 'good'],
  outdated: ['Not up to date: the appointment has changed', 'attention'],
  incomplete: ['The invitation is incomplete', 'attention'],
  series: ['One Zoom meeting for the whole series', 'good'],
}

/** The appointment's meeting, and the facts that it was last scheduled with. */
export function Meeting({ made, state, owner, difference }: View & { difference: string | undefined }) {
  const styles = useStyles()
  const [sentence, mark] = states[state]
  return (
    <section aria-label="State" className={styles.card}>
      <p role="status" className={mergeClasses(styles.state, mark && styles.mark, mark && styles[mark])}>
        {sentence}
      </p>
      {difference && (
        <p role="alert" className={mergeClasses(styles.state, styles.mark, styles.attention)}>
          {difference}
        </p>
      )}
      {owner && (
        <p className={styles.text}>
          {made?.forOwner === false
            ? `This is the calendar of ${owner}. You host this Zoom meeting.`
            : `This is the calendar of ${owner}, who hosts its Zoom meetings.`}
        </p>
      )}
      {!made && (
        <p className={styles.text}>
          {state === 'copy' && 'Its join link belongs to the original appointment. '}
          Add a meeting to put its join link into the location and at the top of the text.
        </p>
      )}
      {made && (
        <dl className={styles.facts}>
          <Fact name="Join link">
            <div className={styles.join}>
              <a href={made.meeting.joinUrl} target="_blank" rel="noreferrer">
                {made.meeting.joinUrl}
              </a>
              <CopyButton text={made.meeting.joinUrl} />
            </div>
          </Fact>
          <Fact name="Meeting ID">{grouped(made.meeting.id)}</Fact>
          {made.meeting.passcode && <Fact name="Passcode">{made.meeting.passcode}</Fact>}
          <Fact name="Title">{made.facts.subject || 'Without a title'}</Fact>
          <Fact name="When">{when(made.facts)}</Fact>
          {made.facts.timeZone && <Fact name="Time zone">{made.facts.timeZone}</Fact>}
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

/** Some Outlooks do not let an add-in write to the clipboard. */
function CopyButton({ text }: { text: string }) {
  const [label, setLabel] = useState('Copy link')
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setLabel('Copied'),
      () => setLabel('Select the link to copy it'),
    )
  return (
    <Button size="small" onClick={copy}>
      {label}
    </Button>
  )
}
