import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { grouped } from '../../contract/invitation.ts'
import { paneTexts } from '../texts/pane.ts'
import { focus } from './Undo.tsx'
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

/** The colour of the mark before what the pane says of each state. */
const marks: Record<View['state'], 'good' | 'attention' | undefined> = {
  none: undefined,
  copy: undefined,
  current: 'good',
  outdated: 'attention',
  incomplete: 'attention',
  series: 'good',
}

interface Props extends View {
  /** What differs because it was changed in Zoom. */
  difference: string | undefined
  /** It has just been removed. */
  removed: boolean
  /** What taking back the removal came to. */
  undone: 'undone' | 'undoneAnew' | undefined
  children: ReactNode
}

/** The appointment's meeting, and the facts that it was last scheduled with. */
export function Meeting({ made, state, owner, difference, removed, undone, children }: Props) {
  const styles = useStyles()
  const texts = paneTexts.get()
  const mark = marks[state]
  return (
    <section aria-label={texts.state} className={styles.card}>
      <p role="status" className={mergeClasses(styles.state, mark && styles.mark, mark && styles[mark])}>
        {texts[removed ? 'removed' : state]}
      </p>
      {undone && (
        <p ref={focus} tabIndex={-1} className={styles.text}>
          {texts[undone]}
        </p>
      )}
      {children}
      {difference && (
        <p role="alert" className={mergeClasses(styles.state, styles.mark, styles.attention)}>
          {difference}
        </p>
      )}
      {owner && (
        <p className={styles.text}>
          {made?.forOwner === false ? texts.youHost({ owner }) : texts.ownerHosts({ owner })}
        </p>
      )}
      {!made && (
        <p className={styles.text}>
          {state === 'copy' && `${texts.linkOfOriginal} `}
          {texts.whatAddingDoes}
        </p>
      )}
      {made && (
        <dl className={styles.facts}>
          <Fact name={texts.joinLink}>
            <div className={styles.join}>
              <a href={made.meeting.joinUrl} dir="ltr" target="_blank" rel="noreferrer">
                {made.meeting.joinUrl}
              </a>
              <CopyButton text={made.meeting.joinUrl} />
            </div>
          </Fact>
          <Fact name={texts.meetingId}>
            <bdi dir="ltr">{grouped(made.meeting.id)}</bdi>
          </Fact>
          {made.meeting.passcode && (
            <Fact name={texts.passcode}>
              <bdi dir="ltr">{made.meeting.passcode}</bdi>
            </Fact>
          )}
          <Fact name={texts.title}>
            <bdi>{made.facts.subject || texts.untitled}</bdi>
          </Fact>
          <Fact name={texts.when}>{when(made.facts)}</Fact>
          {made.facts.timeZone && (
            <Fact name={texts.timeZone}>
              <bdi dir="ltr">{made.facts.timeZone}</bdi>
            </Fact>
          )}
          <Fact name={texts.repeats}>{made.facts.recurring ? texts.yes : texts.no}</Fact>
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
  const [label, setLabel] = useState<'copyLink' | 'copied' | 'notCopied'>('copyLink')
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setLabel('copied'),
      () => setLabel('notCopied'),
    )
  return (
    <Button size="small" onClick={copy}>
      {paneTexts.get()[label]}
    </Button>
  )
}
