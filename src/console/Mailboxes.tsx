import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useCallback, useState } from 'react'
import { Confirm } from '../browser/Confirm.tsx'
import type { SignedIn } from '../contract/admin.ts'
import type { Mailbox } from '../contract/admin-mailboxes.ts'
import { type Permission, permissions } from '../contract/permission.ts'
import { when } from './language.ts'
import { Failure, Pending, PersonLink, Status, Table } from './parts.tsx'
import { ServiceAccounts } from './ServiceAccounts.tsx'
import { guid } from './search.ts'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useActs } from './use-acts.ts'
import { useAnswer } from './use-answer.ts'
import { Pager, usePages } from './use-pages.tsx'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  objectId: { flexGrow: 1, minWidth: 'min(20rem, 100%)' },
  state: { minWidth: '16rem' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, minWidth: '9rem' },
})

const { mailboxes: says } = texts

/** The mailboxes that administrators have connected by application permissions. */
export function Mailboxes({ service, me }: { service: Service; me: SignedIn }) {
  const styles = useStyles()
  const pages = usePages<string>()
  const after = pages.beginning
  const { answer, problem, again } = useAnswer(
    useCallback(() => service.mailboxes({ ...(after && { after }) }), [service, after]),
  )
  const { run, working, done, refused, status, failure } = useActs(again)
  const acts = actsOf(service, run)
  const { mailbox, permission, state, change } = says.columns
  const isAdmin = me.role === 'Admin'
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      {isAdmin && <NewMailbox connect={acts.connect} working={working} />}
      <Status ref={status}>{working ? says.working : done}</Status>
      {refused && <Failure ref={failure} problem={refused} />}
      <Pending answer={answer} problem={problem} again={again} />
      {answer?.mailboxes.length === 0 && <p className={styles.text}>{says.none}</p>}
      {answer && answer.mailboxes.length > 0 && (
        <Table name={says.heading} columns={[mailbox, permission, state, ...(isAdmin ? [change] : [])]}>
          {answer.mailboxes.map((one) => (
            <tr key={one.objectId}>
              <td>
                <PersonLink subject={`entra:${me.organisation}:${one.objectId}`} />
              </td>
              <td>{says.permissions[one.permission]}</td>
              <td className={styles.state}>
                <State mailbox={one} />
              </td>
              {isAdmin && (
                <td>
                  <Actions mailbox={one} acts={acts} working={working} />
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      <Pager pages={pages} next={answer?.next} />
      {me.mailboxes && <ServiceAccounts service={service} isAdmin={isAdmin} />}
    </>
  )
}

interface NewMailboxProps {
  connect(objectId: string, permission: Permission): void
  working: boolean
}

function NewMailbox({ connect, working }: NewMailboxProps) {
  const styles = useStyles()
  const [fault, setFault] = useState<string>()
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const objectId = String(form.get('objectId')).trim().toLowerCase()
    const isId = guid.test(objectId)
    setFault(isId ? undefined : says.notObjectId)
    if (isId && !working) connect(objectId, form.get('permission') as Permission)
  }
  return (
    <form aria-label={says.connect} className={styles.form} onSubmit={submit}>
      <Field
        label={says.objectId}
        className={styles.objectId}
        {...(fault && { validationState: 'error', validationMessage: fault })}
      >
        <Input name="objectId" autoComplete="off" spellCheck={false} />
      </Field>
      <Field label={says.columns.permission}>
        <Select name="permission">
          {permissions.map((one) => (
            <option key={one} value={one}>
              {says.permissions[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Button type="submit" appearance="primary" disabledFocusable={working}>
        {says.connect}
      </Button>
    </form>
  )
}

function State({ mailbox: { state, failures, askAt } }: { mailbox: Mailbox }) {
  return (
    <>
      <strong>{texts.states[state]}</strong>
      <br />
      {texts.state('microsoft-application', state)}
      {askAt && ` ${texts.person.failures(failures, when(askAt))}`}
    </>
  )
}

interface ActionsProps {
  mailbox: Mailbox
  acts: ReturnType<typeof actsOf>
  working: boolean
}

/** What an administrator can do with a mailbox. Where the person's access was revoked: nothing here. */
function Actions({ mailbox: { objectId, state }, acts, working }: ActionsProps) {
  const styles = useStyles()
  if (state === 'disconnected_by_administrator') return null
  return (
    <div className={styles.actions}>
      <Button
        size="small"
        disabledFocusable={working}
        aria-label={says.check + texts.colon + objectId}
        onClick={() => acts.check(objectId)}
      >
        {says.check}
      </Button>
      <Confirm
        label={says.disconnect}
        name={says.disconnect + texts.colon + objectId}
        question={says.question}
        yes={says.yes}
        no={says.no}
        busy={working}
        act={() => acts.disconnect(objectId)}
      />
    </div>
  )
}

/** Each act, with the sentence that says what is done. */
const actsOf = (service: Service, run: ReturnType<typeof useActs>['run']) => ({
  connect: (objectId: string, permission: Permission) =>
    run(async () => {
      await service.connectMailbox(objectId, permission)
      return says.connected(objectId)
    }),
  check: (objectId: string) =>
    run(async () => {
      const { state } = await service.checkMailbox(objectId)
      return says.checked(objectId, texts.states[state])
    }),
  disconnect: (objectId: string) =>
    run(async () => {
      await service.disconnectMailbox(objectId)
      return says.disconnected(objectId)
    }),
})
