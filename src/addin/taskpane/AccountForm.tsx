import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import type { Account } from '../../contract/connections.ts'
import { accountTexts, connectionTexts } from '../texts/connections.ts'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', alignItems: 'stretch', gap: tokens.spacingVerticalS },
  button: { alignSelf: 'start' },
})

/** Asks for the account that opens a mailbox on an Exchange server. The password is forgotten once it is sent. */
export default function AccountForm({ busy, connect }: { busy: boolean; connect(account: Account): void }) {
  const styles = useStyles()
  const texts = accountTexts.get()
  // The fields that are empty say so when the person connects.
  const missing = { user: texts.noUser, password: texts.noPassword }
  const [account, setAccount] = useState<Account>({ user: '', password: '' })
  const [isTried, setIsTried] = useState(false)
  const problemIn = (field: keyof Account) =>
    isTried && account[field] === '' ? { validationMessage: missing[field] } : {}
  function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const user = account.user.trim()
    setIsTried(true)
    if (user === '' || account.password === '') return
    setAccount({ user, password: '' })
    setIsTried(false)
    connect({ ...account, user })
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field label={texts.user} hint={<bdi dir="ltr">{texts.userHint}</bdi>} required {...problemIn('user')}>
        <Input
          autoComplete="username"
          value={account.user}
          onChange={(_, { value }) => setAccount({ ...account, user: value })}
        />
      </Field>
      <Field label={texts.password} required {...problemIn('password')}>
        <Input
          type="password"
          autoComplete="current-password"
          value={account.password}
          onChange={(_, { value }) => setAccount({ ...account, password: value })}
        />
      </Field>
      <Button className={styles.button} size="small" type="submit" disabledFocusable={busy}>
        {connectionTexts('exchange').connect}
      </Button>
    </form>
  )
}
