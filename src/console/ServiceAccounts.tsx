import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { type FormEvent, useCallback, useId, useState } from 'react'
import { Confirm } from '../browser/Confirm.tsx'
import type { ServiceAccount } from '../contract/admin-service-accounts.ts'
import type { Account } from '../contract/connections.ts'
import { when } from './language.ts'
import { Failure, Pending, Status } from './parts.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useActs } from './use-acts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  server: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  field: { flexGrow: 1, minWidth: 'min(16rem, 100%)' },
})

const { serviceAccounts: says } = texts

/** The accounts that open the mailboxes of people on Exchange servers. Without such a server: nothing. */
export function ServiceAccounts({ service, isAdmin }: { service: Service; isAdmin: boolean }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.serviceAccounts(), [service]))
  const { run, working, done, refused, status, failure } = useActs(again)
  if (answer?.servers.length === 0) return null
  return (
    <>
      <h2 className={styles.text}>{says.heading}</h2>
      <p className={styles.text}>{says.about}</p>
      <Status ref={status}>{working ? texts.mailboxes.working : done}</Status>
      {refused && <Failure ref={failure} problem={refused} />}
      <Pending answer={answer} problem={problem} again={again} />
      {answer?.servers.map((one) => (
        <Server
          key={one.server}
          one={one}
          isAdmin={isAdmin}
          working={working}
          save={(account) =>
            run(async () => {
              await service.saveServiceAccount(one.server, account)
              return says.saved(one.host)
            })
          }
          remove={() =>
            run(async () => {
              await service.removeServiceAccount(one.server)
              return says.removed(one.host)
            })
          }
        />
      ))}
    </>
  )
}

interface Props {
  one: ServiceAccount
  isAdmin: boolean
  working: boolean
  save(account: Account): void
  remove(): void
}

/** One server. The password is forgotten once it is sent. */
function Server({ one: { host, state, since, mailboxes }, isAdmin, working, save, remove }: Props) {
  const styles = useStyles()
  const heading = useId()
  const [account, setAccount] = useState<Account>({ user: '', password: '' })
  const [fault, setFault] = useState<string>()
  function submit(event: FormEvent) {
    event.preventDefault()
    if (working) return
    const user = account.user.trim()
    const isMissing = user === '' || account.password === ''
    setFault(isMissing ? says.missing : undefined)
    if (isMissing) return
    setAccount({ user, password: '' })
    save({ ...account, user })
  }
  return (
    <section className={styles.server} aria-labelledby={heading}>
      <h3 id={heading} className={styles.text}>
        <bdi dir="ltr">{host}</bdi>
      </h3>
      <p className={styles.text}>
        {says.states[state]} {since && says.since(when(since))} {mailboxes > 0 && says.opens(mailboxes)}
      </p>
      {isAdmin && (
        <form className={styles.form} onSubmit={submit} noValidate>
          <Field label={says.user} className={styles.field}>
            <Input
              autoComplete="off"
              spellCheck={false}
              value={account.user}
              onChange={(_, { value }) => setAccount({ ...account, user: value })}
            />
          </Field>
          <Field
            label={says.password}
            className={styles.field}
            {...(fault && { validationState: 'error', validationMessage: fault })}
          >
            <Input
              type="password"
              autoComplete="off"
              value={account.password}
              onChange={(_, { value }) => setAccount({ ...account, password: value })}
            />
          </Field>
          <Button type="submit" appearance="primary" disabledFocusable={working}>
            {says.save}
          </Button>
          {state === 'accepted' && (
            <Confirm
              label={says.remove}
              name={says.remove + texts.colon + host}
              question={says.question}
              yes={says.yes}
              no={says.no}
              busy={working}
              act={remove}
            />
          )}
        </form>
      )}
    </section>
  )
}
