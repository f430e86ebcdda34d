import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { type ComponentProps, Suspense, useState } from 'react'
import { Confirm } from '../../browser/Confirm.tsx'
import type { ProblemCode } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
import { Disclosure } from './Disclosure.tsx'
import { Icon } from './Icon.tsx'
import { loadedLater } from './loaded-later.tsx'
import { Meeting } from './Meeting.tsx'
import { Person } from './Person.tsx'
import { Skeleton } from './Skeleton.tsx'
import { Spinner } from './Spinner.tsx'
import { Undo } from './Undo.tsx'
import { useConnection } from './use-connection.ts'
import { useDifference } from './use-difference.ts'
import { type Opened, useMeeting } from './use-meeting.ts'
import { usePerson } from './use-person.ts'
import { useTidying } from './use-tidying.ts'

const useStyles = makeStyles({
  pane: {
    boxSizing: 'border-box',
    minHeight: '100vh',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalL,
  },
  heading: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500 },
  problem: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'start',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  box: {
    display: 'flex',
    flexDirection: 'column',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  danger: {
    border: `1px solid ${tokens.colorStatusDangerBorder1}`,
    backgroundColor: tokens.colorStatusDangerBackground1,
    color: tokens.colorStatusDangerForeground1,
  },
  foot: { marginTop: 'auto', display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  promise: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** The whole pane: the appointment's meeting, one main action, the preference, the connections and the account. */
export function Pane({ addIn, opened }: { addIn: AddIn; opened: Opened }) {
  const styles = useStyles()
  const texts = paneTexts.get()
  const { view, isRead, problem, doing, chosen, choose, removal, undone, ...acts } = useMeeting(addIn, opened)
  const { add, addOwn, remove, undo, retry, connectAndAdd } = acts
  const working = doing !== undefined
  const person = usePerson(addIn, working, isRead)
  const calendar = useConnection(addIn, 'microsoft', person)
  const google = useConnection(addIn, 'google', person)
  const zoom = useConnection(addIn, 'zoom', person)
  const exchange = useConnection(addIn, 'exchange', person)
  const connections = [calendar, exchange, google, zoom].filter((one) => one !== undefined)
  const cancelled = problem?.code === 'sign_in_cancelled'
  const { sync, lost } = calendar ?? exchange ?? {}
  const difference = useDifference(addIn, view, sync !== undefined)
  const state = view?.state === 'outdated' && difference.followed ? 'followed' : view?.state
  const action = state && actions[state]
  const tidying = useTidying(addIn, person.person)

  const main = action && (
    <Button appearance={action.appearance} disabledFocusable={working} onClick={add}>
      {doing === 'main' ? <Spinner label={texts[action.working]} /> : texts[action.idle]}
    </Button>
  )

  // Beside the button that was pressed, and above what has different heights.
  const trouble = problem && (
    <div
      role={cancelled ? 'status' : 'alert'}
      className={mergeClasses(styles.problem, !cancelled && styles.danger)}
    >
      {says(problem)}
      {!view && (
        <Button size="small" onClick={retry}>
          {texts.tryAgain}
        </Button>
      )}
      {lacksZoom.includes(problem.code) && (
        <Button size="small" onClick={() => connectAndAdd(problem.code).then(zoom?.read)}>
          {texts.connectZoom}
        </Button>
      )}
    </div>
  )

  return (
    <div className={styles.pane}>
      <h1 className={styles.heading}>{texts.heading}</h1>
      {!view && !problem && <Skeleton label={texts.reading} />}
      {view && state && (
        <Meeting
          {...view}
          state={state}
          difference={difference.says ?? (view.made && lost)}
          removed={removal !== undefined}
          undone={undone}
          copyInvitation={addIn.copyInvitation}
          action={main}
        >
          {trouble}
          {removal && <Undo makesNew={!removal.undo} doing={doing === 'undo'} undo={undo} />}
        </Meeting>
      )}
      {!view && trouble}
      {view && (
        <Options
          addIn={addIn}
          meeting={view.state === 'copy' ? undefined : view.made?.meeting.id}
          ofSeries={view.state === 'series'}
          chosen={chosen}
          choose={choose}
          renew={add}
        />
      )}
      {view?.made && view.doubtful && (
        <div className={styles.problem}>
          {texts.doubtful}
          <Button size="small" disabledFocusable={working} onClick={addOwn}>
            {texts.addOwn}
          </Button>
        </div>
      )}
      {view?.made && view.meetingKey && view.state !== 'series' && (
        <div>
          <Confirm
            key={view.made.meeting.id}
            icon={<Icon name="remove" />}
            appearance="secondary"
            label={texts.remove}
            question={texts.removeQuestion}
            yes={texts.removeYes}
            no={texts.removeNo}
            busy={working}
            act={remove}
          />
        </div>
      )}
      <div className={styles.foot}>
        <Suspense>{isRead && <Tidying {...tidying} />}</Suspense>
        <Suspense>
          {connections.length > 0 && (
            <div className={styles.box}>
              <Connections all={connections} />
            </div>
          )}
        </Suspense>
        <Person addIn={addIn} {...person} switchZoom={!zoom?.isOwn && person.switchZoom} />
        <p className={styles.promise}>{view?.owner ? texts.promiseOfOwner : texts.promise}</p>
        <Left />
      </div>
    </div>
  )
}

/** Loaded after the meeting is there to be seen. */
const Tidying = loadedLater(() => import('./Tidying.tsx'))

/** Loaded where the person can connect something. */
const Connections = loadedLater(() => import('./Connections.tsx'))

/** What has left this device, behind a button. */
function Left() {
  const styles = useStyles()
  const [isOpen, setOpen] = useState(false)
  return (
    <div className={styles.box}>
      <Disclosure label={paneTexts.get().whatLeft} isOpen={isOpen} toggle={() => setOpen(!isOpen)}>
        <Suspense>
          <WhatLeft />
        </Suspense>
      </Disclosure>
    </div>
  )
}

/** Loaded when they are opened. */
const WhatLeft = loadedLater(() => import('./WhatLeft.tsx'))
const MeetingOptions = loadedLater(() => import('./MeetingOptions.tsx'))

interface OptionsProps extends Omit<ComponentProps<typeof MeetingOptions>, 'exists'> {
  /** Zoom's id of the meeting, if there is one. */
  meeting: string | undefined
}

/** The options of the meeting, or of the one that is added, behind a button. */
function Options({ meeting, ...props }: OptionsProps) {
  const styles = useStyles()
  const texts = paneTexts.get()
  const [isOpen, setOpen] = useState(false)
  return (
    <section aria-label={texts.options} className={styles.box}>
      <Disclosure
        icon={<Icon name="options" />}
        label={isOpen ? texts.hideOptions : texts.options}
        isOpen={isOpen}
        toggle={() => setOpen(!isOpen)}
      >
        <Suspense fallback={<Spinner label={texts.readingOptions} />}>
          <MeetingOptions key={meeting ?? 'new'} exists={meeting !== undefined} {...props} />
        </Suspense>
      </Disclosure>
    </section>
  )
}

/** The problems that a person solves by connecting Zoom. */
const lacksZoom: readonly ProblemCode[] = ['no_zoom_account', 'link_required', 'zoom_not_connected']

/** The main action in each state. It stands out where the person has something to do. */
const actions = {
  none: { idle: 'add', working: 'adding', appearance: 'primary' },
  copy: { idle: 'add', working: 'adding', appearance: 'primary' },
  outdated: { idle: 'update', working: 'updating', appearance: 'primary' },
  followed: { idle: 'update', working: 'updating', appearance: 'secondary' },
  incomplete: { idle: 'finish', working: 'finishing', appearance: 'primary' },
  current: { idle: 'check', working: 'checking', appearance: 'secondary' },
  series: { idle: 'check', working: 'checking', appearance: 'secondary' },
} as const
