import { Button, makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components'
import { says } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import { Confirm } from './Confirm.tsx'
import { Meeting } from './Meeting.tsx'
import { Person } from './Person.tsx'
import { Tidying } from './Tidying.tsx'
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

/** What the person sees at the side: the appointment's meeting, one thing to do, who they are. */
export function Pane({ addIn }: { addIn: AddIn }) {
  const styles = useStyles()
  const { seen, problem, working, add, remove, lookAgain, connectAndAdd } = useMeeting(addIn)
  const person = usePerson(addIn, working)
  const cancelled = problem?.code === 'sign_in_cancelled'
  const tidying = useTidying(addIn)

  return (
    <div className={styles.pane}>
      <h1 className={styles.heading}>Zoom meeting</h1>
      {!seen && !problem && <Spinner label="Reading the appointment …" />}
      {seen && <Meeting {...seen} />}
      {problem && (
        <div
          role={cancelled ? 'status' : 'alert'}
          className={mergeClasses(styles.problem, !cancelled && styles.danger)}
        >
          {says(problem)}
          {!seen && (
            <Button size="small" onClick={lookAgain}>
              Try again
            </Button>
          )}
          {problem.code === 'no_zoom_account' && (
            <Button size="small" onClick={connectAndAdd}>
              Connect Zoom
            </Button>
          )}
        </div>
      )}
      {seen && (
        <Button appearance="primary" disabledFocusable={working} onClick={add}>
          {working ? <Spinner size="tiny" label={labels[seen.state].working} /> : labels[seen.state].idle}
        </Button>
      )}
      {seen?.made && seen.state !== 'series' && (
        <Confirm
          key={seen.made.meeting.id}
          label="Remove Zoom meeting"
          question="Remove the meeting from Zoom? Nobody can join by its link any more."
          yes="Yes, remove"
          act={remove}
        />
      )}
      <div className={styles.foot}>
        <Tidying {...tidying} />
        <Person {...person} />
        <p className={styles.promise}>
          Only the title, date, time, time zone and whether it repeats
          {seen?.owner && ', and whose calendar this is,'} leave Outlook. Never attendees, never the text.
        </p>
      </div>
    </div>
  )
}

const labels = {
  none: { idle: 'Add Zoom meeting', working: 'Adding …' },
  copy: { idle: 'Add Zoom meeting', working: 'Adding …' },
  behind: { idle: 'Update Zoom meeting', working: 'Updating …' },
  unfinished: { idle: 'Finish the invitation', working: 'Finishing …' },
  true: { idle: 'Check again', working: 'Checking …' },
  series: { idle: 'Check again', working: 'Checking …' },
}
