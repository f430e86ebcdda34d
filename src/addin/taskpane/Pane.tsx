import { Button, makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useState } from 'react'
import { Confirm } from '../../browser/Confirm.tsx'
import { says } from '../../browser/says.ts'
import type { ProblemCode } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import { Connection } from './Connection.tsx'
import { Meeting } from './Meeting.tsx'
import { Person } from './Person.tsx'
import { Tidying } from './Tidying.tsx'
import { useConnection } from './use-connection.ts'
import { useDifference } from './use-difference.ts'
import { useMeeting } from './use-meeting.ts'
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
  danger: {
    border: `1px solid ${tokens.colorStatusDangerBorder1}`,
    backgroundColor: tokens.colorStatusDangerBackground1,
    color: tokens.colorStatusDangerForeground1,
  },
  foot: { marginTop: 'auto', display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  promise: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** The whole pane: the appointment's meeting, one main action, the preference, the connections and the account. */
export function Pane({ addIn }: { addIn: AddIn }) {
  const styles = useStyles()
  const { view, problem, working, add, addOwn, remove, retry, connectAndAdd } = useMeeting(addIn)
  const action = view && actions[view.state]
  const person = usePerson(addIn, working)
  const calendar = useConnection(addIn, 'microsoft', person)
  const google = useConnection(addIn, 'google', person)
  const zoom = useConnection(addIn, 'zoom', person)
  const exchange = useConnection(addIn, 'exchange', person)
  const cancelled = problem?.code === 'sign_in_cancelled'
  const difference = useDifference(addIn, view, calendar?.sync !== undefined)
  const tidying = useTidying(addIn, person.person)

  return (
    <div className={styles.pane}>
      <h1 className={styles.heading}>Zoom meeting</h1>
      {!view && !problem && <Spinner label="Reading the appointment …" />}
      {view && <Meeting {...view} difference={difference} />}
      {problem && (
        <div
          role={cancelled ? 'status' : 'alert'}
          className={mergeClasses(styles.problem, !cancelled && styles.danger)}
        >
          {says(problem)}
          {!view && (
            <Button size="small" onClick={retry}>
              Try again
            </Button>
          )}
          {lacksZoom.includes(problem.code) && (
            <Button size="small" onClick={() => connectAndAdd(problem.code).then(zoom?.read)}>
              Connect Zoom
            </Button>
          )}
        </div>
      )}
      {action && (
        <Button appearance={action.appearance} disabledFocusable={working} onClick={add}>
          {working ? <Spinner size="tiny" label={action.working} /> : action.idle}
        </Button>
      )}
      {view?.made && view.state !== 'copy' && (
        <Options
          key={`options ${view.made.meeting.id}`}
          addIn={addIn}
          ofSeries={view.state === 'series'}
          renew={add}
        />
      )}
      {view?.made && view.doubtful && (
        <div className={styles.problem}>
          Outlook does not tell whether this appointment is a copy. A copy changes the meeting of its
          original.
          <Button size="small" disabledFocusable={working} onClick={addOwn}>
            It is a copy: add a meeting of its own
          </Button>
        </div>
      )}
      {view?.made && view.state !== 'series' && (
        <Confirm
          key={view.made.meeting.id}
          label="Remove Zoom meeting"
          question="Remove the meeting from Zoom? Its join link will stop working."
          yes="Yes, remove"
          no="Keep meeting"
          act={remove}
        />
      )}
      <div className={styles.foot}>
        <Tidying {...tidying} />
        {calendar && <Connection {...calendar} />}
        {google && <Connection {...google} />}
        {exchange && <Connection {...exchange} />}
        {zoom && <Connection {...zoom} />}
        <Person {...person} switchZoom={!zoom?.isOwn && person.switchZoom} />
        <p className={styles.promise}>
          Only the title, date, time, time zone and whether it repeats
          {view?.owner && ', and whose calendar this is,'} leave Outlook. Attendees and text never do.
        </p>
      </div>
    </div>
  )
}

/** Loaded when they are opened. */
const MeetingOptions = lazy(() => import('./MeetingOptions.tsx'))

/** The options of the meeting, behind a button. */
function Options({ ofSeries, ...props }: { addIn: AddIn; ofSeries: boolean; renew(): void }) {
  const styles = useStyles()
  const [isOpen, setOpen] = useState(false)
  return (
    <section aria-label="Meeting options" className={styles.problem}>
      <Button size="small" appearance="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide meeting options' : 'Meeting options'}
      </Button>
      {isOpen && (
        <Suspense fallback={<Spinner size="tiny" label="Reading the options …" />}>
          {ofSeries && <p className={styles.promise}>They are those of the whole series.</p>}
          <MeetingOptions {...props} />
        </Suspense>
      )}
    </section>
  )
}

/** The problems that a person solves by connecting Zoom. */
const lacksZoom: readonly ProblemCode[] = ['no_zoom_account', 'link_required', 'zoom_not_connected']

/** The main action in each state. It stands out where the person has something to do. */
const actions = {
  none: { idle: 'Add Zoom meeting', working: 'Adding …', appearance: 'primary' },
  copy: { idle: 'Add Zoom meeting', working: 'Adding …', appearance: 'primary' },
  outdated: { idle: 'Update Zoom meeting', working: 'Updating …', appearance: 'primary' },
  incomplete: { idle: 'Finish the invitation', working: 'Finishing …', appearance: 'primary' },
  current: { idle: 'Check again', working: 'Checking …', appearance: 'secondary' },
  series: { idle: 'Check again', working: 'Checking …', appearance: 'secondary' },
} as const
