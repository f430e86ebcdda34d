import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useEffect, useRef } from 'react'
import { Confirm } from '../../browser/Confirm.tsx'
import type { Permission } from '../../contract/permission.ts'
import type { useCalendar } from './use-calendar.ts'

const useStyles = makeStyles({
  calendar: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    paddingTop: tokens.spacingVerticalM,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  row: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalS,
    // As tall as a small button, so that nothing moves when one appears.
    minHeight: '24px',
  },
  status: { margin: 0 },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** What a connection allows, and Microsoft's name of that permission. */
const allowed: Record<Permission, string> = {
  read: 'read your calendar (Calendars.Read)',
  'read-write': 'read and change your calendar (Calendars.ReadWrite)',
}

type Props = NonNullable<ReturnType<typeof useCalendar>>

/** The state of the calendar connection, the way out that it has, and what a connection means. */
export function Calendar({ permission, status, busy, wayOut, read, connect, disconnect }: Props) {
  const styles = useStyles()
  const section = useRef<HTMLElement>(null)
  const keepFocus = useKeptFocus(section, busy)
  return (
    <section ref={section} aria-label="Calendar connection" className={styles.calendar}>
      <div className={styles.row}>
        <p role="status" className={styles.status}>
          {status}
        </p>
        {wayOut === 'connect' && (
          <Button size="small" disabledFocusable={busy} onClick={keepFocus(connect)}>
            Connect calendar
          </Button>
        )}
        {wayOut === 'retry' && (
          <Button size="small" disabledFocusable={busy} onClick={keepFocus(read)}>
            Try again
          </Button>
        )}
        {wayOut === 'disconnect' && (
          <Confirm
            label="Disconnect calendar"
            question="Delete the stored credential? Your calendar itself does not change."
            yes="Yes, disconnect calendar"
            no="Keep connection"
            busy={busy}
            act={keepFocus(disconnect)}
          />
        )}
      </div>
      <p className={styles.more}>
        A connection lets the service and your own apps {allowed[permission]}. The service stores a sealed
        credential for it, and no events.
      </p>
    </section>
  )
}

/**
 * Wraps the act of a button. An act may replace the button that had the focus. Then the section's next button gets it;
 * otherwise the keyboard would start at the top again.
 */
function useKeptFocus(section: { current: HTMLElement | null }, busy: boolean) {
  const acted = useRef(false)
  useEffect(() => {
    if (busy || !acted.current) return
    acted.current = false
    if (document.hasFocus() && document.activeElement === document.body)
      section.current?.querySelector('button')?.focus()
  }, [busy, section])
  return (act: () => unknown) => () => {
    acted.current = true
    act()
  }
}
