import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { type MouseEvent, type ReactNode, useState } from 'react'
import { grouped } from '../../contract/invitation.ts'
import type { AddIn } from '../compose.ts'
import type { Lack } from '../copy-invitation.ts'
import type { Made } from '../outlook/link.ts'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
import { useCardStyles } from './card.ts'
import { Icon } from './Icon.tsx'
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
  good: { '& svg': { color: tokens.colorStatusSuccessForeground1 } },
  meeting: { '& svg': { color: tokens.colorBrandForeground1 } },
  attention: { '& svg': { color: tokens.colorStatusWarningForeground1 } },
  when: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
    // No line has half of a time.
    textWrap: 'balance',
  },
  facts: {
    margin: 0,
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(112px, 100%), 1fr))',
    gap: tokens.spacingVerticalS,
  },
  /** What says more about the line above. */
  caption: {
    margin: 0,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    overflowWrap: 'anywhere',
  },
  link: {
    // It is written from left to right, and stands where the language begins its lines.
    alignSelf: 'start',
    maxWidth: '100%',
    color: tokens.colorBrandForegroundLink,
    overflow: 'hidden',
    paddingBlock: tokens.spacingVerticalXXS,
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
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
  },
  actions: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
})

/** The icon before what the pane says of each state. */
const marks: Record<Props['state'], 'good' | 'attention' | 'meeting'> = {
  none: 'meeting',
  copy: 'meeting',
  current: 'good',
  outdated: 'attention',
  followed: 'good',
  incomplete: 'attention',
  series: 'good',
}

interface Props extends Omit<View, 'state'> {
  /** `followed`: it is outdated only until the appointment is saved, because calendar sync follows it. */
  state: View['state'] | 'followed'
  /** How it differs from its appointment, or may differ. */
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

/** The appointment's meeting, and the facts that it was last scheduled with, or has by calendar sync. */
export function Meeting(props: Props) {
  const {
    made,
    appointment,
    meetingKey,
    state,
    owner,
    difference,
    removed,
    undone,
    copyInvitation,
    action,
    children,
  } = props
  const styles = useStyles()
  /** What the copied invitation lacks. */
  const [lack, setLack] = useState<Lack>()
  const texts = paneTexts.get()
  /** That of the time above, which need not be the one of a series. */
  const zone = Office.context.mailbox.userProfile.timeZone
  const facts = state === 'followed' ? appointment : made?.facts
  const mark = removed ? 'good' : marks[state]
  return (
    <section aria-label={texts.state} className={useCardStyles().card}>
      <p role="status" className={mergeClasses(styles.state, styles.room, styles[mark])}>
        <Icon name={mark} />
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
        <p role="alert" className={mergeClasses(styles.state, styles.attention)}>
          <Icon name="attention" />
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
      {made && facts && (
        <>
          <div>
            <p className={styles.when}>{when(facts)}</p>
            <p className={styles.caption}>
              <bdi>{facts.subject || texts.untitled}</bdi>
              {zone && (
                <>
                  {' · '}
                  <bdi dir="ltr">{zone}</bdi>
                </>
              )}
              {facts.recurring && ` · ${texts.repeats}`}
            </p>
          </div>
          <div className={styles.join}>
            <a href={made.meeting.joinUrl} className={styles.link} dir="ltr" target="_blank" rel="noreferrer">
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
              <Button
                as="a"
                href={portalPage(made)}
                target="_blank"
                rel="noreferrer"
                size="small"
                icon={<Icon name="open" />}
              >
                {texts.openInZoom}
              </Button>
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

const iconOf = { copyLink: 'copy', copyInvitation: 'copyInvitation' } as const

interface CopyProps {
  label: keyof typeof iconOf
  /** What the button says then: some Outlooks do not let an add-in write to the clipboard. */
  refused: Label
  copy(): Promise<Label>
}

function CopyButton({ label, refused, copy }: CopyProps) {
  const [said, say] = useState<Label>(label)
  /** Pixels: what it says later is no narrower, so that nothing beside it moves. */
  const [minWidth, setMinWidth] = useState(0)
  const press = async ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    setMinWidth(currentTarget.offsetWidth)
    say('copying')
    say(await copy().catch(() => refused))
  }
  return (
    <Button
      size="small"
      style={{ minWidth }}
      icon={<Icon name={said === 'copied' ? 'copied' : iconOf[label]} />}
      disabledFocusable={said === 'copying'}
      onClick={press}
    >
      {paneTexts.get()[said]}
    </Button>
  )
}
