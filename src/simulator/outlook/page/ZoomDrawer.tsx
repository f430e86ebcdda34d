import { Button, Caption1, Link, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { CalendarEditRegular, DeleteRegular } from '@fluentui/react-icons'
import { useCallback, useEffect, useState } from 'react'
import {
  changeInZoom,
  deleteInZoom,
  type Followed,
  followedMeetings,
  type ZoomMeeting,
  zoomMeetings,
} from '../server.ts'
import { Drawer, useListStyle } from './Drawer.tsx'

const useStyles = makeStyles({
  entry: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} 0`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  words: {
    display: 'flex',
    flexDirection: 'column',
    flex: '1 1 16rem',
    minWidth: 0,
    overflowWrap: 'anywhere',
  },
  quiet: { color: tokens.colorNeutralForeground3 },
})

/** The meetings that Zoom has now, the newest first, and what their host can do with them in Zoom itself. */
export function ZoomDrawer({ language, close }: { language: string; close(): void }) {
  const styles = useStyles()
  const { found, act } = useMeetings()
  return (
    <Drawer name="Zoom" status={statusOf(found, language)} close={close}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ul className={useListStyle()} tabIndex={0} aria-label="Meetings">
        {found &&
          [...found.meetings].reverse().map((meeting) => (
            <li key={meeting.id} className={styles.entry}>
              <span className={styles.words}>
                <Subtitle2>{meeting.topic}</Subtitle2>
                <Text>{timeOf(meeting, language)}</Text>
                <Link href={meeting.join_url} target="_blank" rel="noreferrer">
                  {meeting.join_url}
                </Link>
                <Caption1 className={styles.quiet}>{meeting.host_email}</Caption1>
              </span>
              <Deed
                says="Change in Zoom"
                of={meeting}
                icon={<CalendarEditRegular />}
                does={act(changeInZoom)}
              />
              <Deed says="Delete in Zoom" of={meeting} icon={<DeleteRegular />} does={act(deleteInZoom)} />
            </li>
          ))}
      </ul>
    </Drawer>
  )
}

interface DeedProps {
  says: string
  of: ZoomMeeting
  icon: React.JSX.Element
  does(meeting: ZoomMeeting): void
}

function Deed({ says, of, icon, does }: DeedProps) {
  return (
    <Button size="small" icon={icon} aria-label={`${says}: ${of.topic}`} onClick={() => does(of)}>
      {says}
    </Button>
  )
}

interface Found {
  meetings: ZoomMeeting[]
  /** The last change in the calendar that Zoom has followed. */
  followed: Followed | undefined
}

function statusOf(found: Found | undefined, language: string): string {
  if (!found) return 'Asking Zoom …'
  const { length } = found.meetings
  const has = length === 1 ? '1 meeting' : `${length || 'no'} meetings`
  return `Zoom has ${has}.${found.followed ? ` ${saysOf(found.followed, language)}` : ''}`
}

/** “Tea” followed its appointment after 0.2 s. */
function saysOf({ title, what, milliseconds }: Followed, language: string): string {
  const seconds = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(milliseconds / 1000)
  const did = what === 'deleted' ? 'was removed with' : 'followed'
  return `“${title}” ${did} its appointment after ${seconds} s.`
}

/** Date, time and zone, as Zoom has them. */
function timeOf({ start_time, duration, timezone }: ZoomMeeting, language: string): string {
  if (start_time === undefined) return `No fixed time · ${timezone}`
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: timezone,
  })
  return `${format.format(Date.parse(start_time))} · ${duration} minutes · ${timezone}`
}

/** ms between two looks at Zoom. */
const often = 500

/** The meetings, asked for again and again, and at once after something was done. */
function useMeetings() {
  const [found, setFound] = useState<Found>()
  const look = useCallback(
    () =>
      Promise.all([zoomMeetings(), followedMeetings()])
        .then(([meetings, all]) => setFound({ meetings, followed: all.at(-1) }))
        .catch(console.error),
    [],
  )
  useEffect(() => {
    look()
    const timer = setInterval(look, often)
    return () => clearInterval(timer)
  }, [look])
  const act = (does: (meeting: ZoomMeeting) => Promise<void>) => (meeting: ZoomMeeting) =>
    void does(meeting).then(look, console.error)
  return { found, act }
}
