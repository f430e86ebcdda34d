import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { grouped } from '../../contract/invitation.ts'
import type { AddIn } from '../compose.ts'
import type { Lack } from '../copy-invitation.ts'
import type { Made } from '../outlook/link.ts'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
import { useCardStyles } from './card.ts'
import { focus } from './Undo.tsx'
import type { View } from './use-meeting.ts'
import { when } from './when.ts'

const useStyles = makeStyles({
  text: { margin: 0 },
  state: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    margin: 0,
    fontWeight: tokens.fontWeightSemibold,
  },
  // The longest sentence has two lines, and what is below does not move when it comes.
  room: { minHeight: `calc(2 * ${tokens.lineHeightBase300})` },
  mark: {
    '::before': {
      content: '""',
      flexShrink: 0,
      // A border, because forced colours leave no background.
      border: '4px solid currentcolor',
      borderRadius: tokens.borderRadiusCircular,
    },
  },
  good: { '::before': { color: tokens.colorStatusSuccessForeground1 } },
  attention: { '::before': { color: tokens.colorStatusWarningForeground1 } },
  when: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  facts: {
    margin: 0,
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(112px, 100%), 1fr))',
    gap: tokens.spacingVerticalS,
  },
  term: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
  value: { margin: 0, overflowWrap: 'anywhere' },
  join: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    overflowWrap: 'anywhere',
    '& a': { color: tokens.colorBrandForegroundLink },
  },
  actions: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
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
  copyInvitation: AddIn['copyInvitation']
  /** The main button. It is above what has different heights, so that it stays where it is. */
  action: ReactNode
  children: ReactNode
}

/** The appointment's meeting, and the facts that it was last scheduled with. */
export function Meeting(props: Props) {
  const { made, meetingKey, state, owner, difference, removed, undone, copyInvitation, action, children } =
    props
  const styles = useStyles()
  /** What the copied invitation lacks. */
  const [lack, setLack] = useState<Lack>()
  const texts = paneTexts.get()
  const mark = marks[state]
  return (
    <section aria-label={texts.state} className={useCardStyles().card}>
      <p
        role="status"
        className={mergeClasses(styles.state, styles.room, mark && styles.mark, mark && styles[mark])}
      >
        {texts[removed ? 'removed' : state]}
      </p>
      {action}
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
        <>
          <p className={styles.when}>{when(made.facts)}</p>
          <div className={styles.join}>
            <a href={made.meeting.joinUrl} dir="ltr" target="_blank" rel="noreferrer">
              {made.meeting.joinUrl}
            </a>
            <div key={made.meeting.joinUrl} className={styles.actions}>
              <CopyButton
                label="copyLink"
                refused="notCopied"
                copy={() => navigator.clipboard.writeText(made.meeting.joinUrl).then(() => 'copied')}
              />
              <CopyButton
                label="copyInvitation"
                refused="invitationNotCopied"
                copy={async () => {
                  setLack(undefined)
                  const lack = await copyInvitation(made.meeting, meetingKey, owner)
                  setLack(lack)
                  return lack?.isCopied === false ? 'copyInvitation' : 'copied'
                }}
              />
              <a href={portalPage(made)} target="_blank" rel="noreferrer">
                {texts.openInZoom}
              </a>
            </div>
            {lack && (
              <p role="status" className={styles.text}>
                {lack.isCopied && `${texts.invitationShort} `}
                {says(lack.problem)}
              </p>
            )}
          </div>
          <dl className={styles.facts}>
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
            {made.facts.timeZone && (
              <Fact name={texts.timeZone}>
                <bdi dir="ltr">{made.facts.timeZone}</bdi>
              </Fact>
            )}
            <Fact name={texts.repeats}>{made.facts.recurring ? texts.yes : texts.no}</Fact>
          </dl>
        </>
      )}
    </section>
  )
}

/** The meeting's page in Zoom's web portal, at the address of the account that the join link names. A personal meeting id has none. */
function portalPage({ meeting: { id, joinUrl }, portalId = id }: Made): string {
  return new URL(`/meeting/${portalId}`, joinUrl).href
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

type Label = 'copyLink' | 'copyInvitation' | 'notCopied' | 'invitationNotCopied' | 'copying' | 'copied'

interface CopyProps {
  label: Label
  /** What the button says then: some Outlooks do not let an add-in write to the clipboard. */
  refused: Label
  copy(): Promise<Label>
}

function CopyButton({ label, refused, copy }: CopyProps) {
  const [said, say] = useState(label)
  const press = async () => {
    say('copying')
    say(await copy().catch(() => refused))
  }
  return (
    <Button size="small" disabledFocusable={said === 'copying'} onClick={press}>
      {paneTexts.get()[said]}
    </Button>
  )
}
