import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { Confirm } from '../../browser/Confirm.tsx'
import type { ProviderName } from '../../contract/connections.ts'
import type { Permission } from '../../contract/permission.ts'
import type { useConnection } from './use-connection.ts'

const useStyles = makeStyles({
  connection: {
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

/** What a connection with Microsoft 365 allows, and Microsoft's name of that permission. */
const allowed: Record<Permission, string> = {
  read: 'read your calendar (Calendars.Read)',
  'read-write': 'read and change your calendar (Calendars.ReadWrite)',
}

/** What people read about each connection. */
const texts: Record<
  ProviderName,
  { region: string; it: string; question: string; more(permission: Permission): string }
> = {
  microsoft: {
    region: 'Calendar connection',
    it: 'calendar',
    question: 'Delete the stored credential? Your calendar itself does not change.',
    more: (permission) =>
      `A connection lets the service and your own apps ${allowed[permission]}. The service stores a sealed credential for it, and no events.`,
  },
  google: {
    region: 'Google connection',
    it: 'Google calendar',
    question: 'Delete the stored credential? Your calendar itself does not change.',
    more: (permission) =>
      `A connection lets the service ${permission === 'read' ? 'read' : 'read and change'} the events of your Google calendar. The service stores a sealed credential for it, and no events.`,
  },
  zoom: {
    region: 'Zoom connection',
    it: 'Zoom account',
    question: 'Delete the stored credential? Your meetings stay in Zoom, and are no longer updated.',
    more: () =>
      'Without a connection, your organisation’s Zoom app makes your meetings. With one, they are made with your own Zoom account. The service stores a sealed credential for it.',
  },
  exchange: {
    region: 'Calendar connection',
    it: 'calendar',
    question: 'Delete the stored password? Your calendar itself does not change.',
    more: () =>
      'Your mail server gives no access without your password. The service stores it sealed, to read and change your calendar, and stores no events. It tries a password once.',
  },
}

/** Only mailboxes on Exchange servers load it. */
const AccountForm = lazy(() => import('./AccountForm.tsx'))

type Props = NonNullable<ReturnType<typeof useConnection>>

/** The state of a connection, the way out that it has, and what a connection means. */
export function Connection(props: Props) {
  const { provider, permission, status, busy, wayOut, isOwn, sync, read, connect, disconnect } = props
  const styles = useStyles()
  const section = useRef<HTMLElement>(null)
  const keepFocus = useKeptFocus(section, busy)
  const { region, it, question, more } = texts[provider]
  // With Zoom, a connection that has ended still keeps meetings from being made in another way.
  const canEnd = wayOut === 'disconnect' || (provider === 'zoom' && isOwn)
  return (
    <section ref={section} aria-label={region} className={styles.connection}>
      <div className={styles.row}>
        <p role="status" className={styles.status}>
          {status}
        </p>
        {wayOut === 'connect' && provider !== 'exchange' && (
          <Button size="small" disabledFocusable={busy} onClick={keepFocus(() => connect())}>
            Connect {it}
          </Button>
        )}
        {wayOut === 'retry' && (
          <Button size="small" disabledFocusable={busy} onClick={keepFocus(read)}>
            Try again
          </Button>
        )}
        {canEnd && (
          <Confirm
            label={`Disconnect ${it}`}
            question={question}
            yes={`Yes, disconnect ${it}`}
            no="Keep connection"
            busy={busy}
            act={keepFocus(disconnect)}
          />
        )}
      </div>
      {wayOut === 'connect' && provider === 'exchange' && (
        <Suspense>
          <AccountForm busy={busy} connect={(account) => keepFocus(() => connect(account))()} />
        </Suspense>
      )}
      {sync && <p className={styles.status}>{sync}</p>}
      <p className={styles.more}>{more(permission)}</p>
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
