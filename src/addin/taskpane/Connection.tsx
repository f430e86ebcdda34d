import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { Confirm } from '../../browser/Confirm.tsx'
import { connectionTexts, mailboxTexts } from '../texts/connections.ts'
import { paneTexts } from '../texts/pane.ts'
import type { useConnection } from './use-connection.ts'

const useStyles = makeStyles({
  connection: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    ':not(:first-child)': {
      paddingTop: tokens.spacingVerticalM,
      borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    },
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

/** Only mailboxes on Exchange servers load one of them. */
const AccountForm = lazy(() => import('./AccountForm.tsx'))
const MailboxForm = lazy(() => import('./MailboxForm.tsx'))

type Props = NonNullable<ReturnType<typeof useConnection>>

/** The state of a connection, the way out that it has, and what a connection means. */
export default function Connection(props: Props) {
  const {
    provider,
    asks,
    isCodeSent,
    permission,
    contacts,
    contactsMissing,
    says,
    doing,
    busy,
    wayOut,
    isOwn,
    sync,
    read,
    connect,
    sendCode,
    disconnect,
  } = props
  const styles = useStyles()
  const section = useRef<HTMLElement>(null)
  const keepFocus = useKeptFocus(section, busy)
  const texts = connectionTexts(provider, asks)
  // With Zoom, a connection that has ended still keeps meetings from being made in another way.
  const canEnd = wayOut === 'disconnect' || (provider === 'zoom' && isOwn)
  return (
    <section ref={section} aria-label={texts.region} className={styles.connection}>
      <div className={styles.row}>
        <p role="status" className={styles.status}>
          {says ?? (doing === 'sending' ? mailboxTexts.get().sending : texts[doing])}
        </p>
        {wayOut === 'connect' && provider !== 'exchange' && (
          <Button size="small" disabledFocusable={busy} onClick={keepFocus(() => connect())}>
            {texts.connect}
          </Button>
        )}
        {wayOut === 'retry' && (
          <Button size="small" disabledFocusable={busy} onClick={keepFocus(read)}>
            {paneTexts.get().tryAgain}
          </Button>
        )}
        {canEnd && (
          <Confirm
            appearance="secondary"
            label={texts.disconnect}
            question={texts.question}
            yes={texts.yes}
            no={texts.no}
            busy={busy}
            act={keepFocus(disconnect)}
          />
        )}
      </div>
      {wayOut === 'connect' && provider === 'exchange' && (
        <Suspense>
          {asks === 'mailbox' ? (
            <MailboxForm
              busy={busy}
              isCodeSent={isCodeSent}
              sendCode={sendCode}
              connect={(proved) => keepFocus(() => connect(proved))()}
            />
          ) : (
            <AccountForm busy={busy} connect={(account) => keepFocus(() => connect(account))()} />
          )}
        </Suspense>
      )}
      {sync && <p className={styles.status}>{sync}</p>}
      <p className={styles.more}>
        {permission === 'read' ? texts.read : texts.readWrite}
        {contacts && ` ${contacts === 'read' ? texts.contactsRead : texts.contactsReadWrite}`}
        {contactsMissing && ` ${texts.contactsMissing}`}
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
