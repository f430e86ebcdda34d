import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { ProvedMailbox } from '../../contract/connections.ts'
import { connectionTexts, mailboxTexts } from '../texts/connections.ts'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', alignItems: 'stretch', gap: tokens.spacingVerticalS },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

interface Props {
  busy: boolean
  /** There is a code in the mailbox. */
  isCodeSent: boolean
  sendCode(mailbox: string): void
  connect(proved: ProvedMailbox): void
}

/** Proves that a mailbox on an Exchange server is the person's: the service puts a code into it, and they type it. */
export default function MailboxForm({ busy, isCodeSent, sendCode, connect }: Props) {
  const styles = useStyles()
  const texts = mailboxTexts.get()
  const [mailbox, setMailbox] = useState(Office.context.mailbox.userProfile.emailAddress)
  const [code, setCode] = useState('')
  const [fault, setFault] = useState<{ mailbox?: string; code?: string }>({})
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (isCodeSent) form.current?.querySelector<HTMLInputElement>('[inputmode]')?.focus()
  }, [isCodeSent])

  function send() {
    const address = mailbox.trim()
    setFault(address === '' ? { mailbox: texts.noAddress } : {})
    setCode('')
    if (address !== '') sendCode(address)
  }
  function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    if (!isCodeSent) return send()
    const digits = code.replace(/\s/g, '')
    const isCode = /^[0-9]{6}$/.test(digits)
    setFault(isCode ? {} : { code: texts.noCode })
    if (isCode) connect({ mailbox: mailbox.trim(), code: digits })
  }
  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate>
      <Field label={texts.address} required {...(fault.mailbox && { validationMessage: fault.mailbox })}>
        <Input
          type="email"
          autoComplete="email"
          spellCheck={false}
          value={mailbox}
          onChange={(_, { value }) => setMailbox(value)}
        />
      </Field>
      {isCodeSent && (
        <Field
          label={texts.code}
          hint={texts.sent}
          required
          {...(fault.code && { validationMessage: fault.code })}
        >
          <Input
            inputMode="numeric"
            autoComplete="one-time-code"
            value={code}
            onChange={(_, { value }) => setCode(value)}
          />
        </Field>
      )}
      <div className={styles.buttons}>
        <Button size="small" type="submit" disabledFocusable={busy}>
          {isCodeSent ? connectionTexts('exchange').connect : texts.send}
        </Button>
        {isCodeSent && (
          <Button size="small" appearance="subtle" disabledFocusable={busy} onClick={send}>
            {texts.again}
          </Button>
        )}
      </div>
    </form>
  )
}
