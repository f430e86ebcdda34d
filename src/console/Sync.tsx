import { Button, makeStyles } from '@fluentui/react-components'
import { useCallback } from 'react'
import type { SignedIn } from '../contract/admin.ts'
import { when } from './language.ts'
import { Failure, Pending, PersonLink, Status, shortOf, Table } from './parts.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useActs } from './use-acts.ts'
import { useAnswer } from './use-answer.ts'
import { Pager, usePages } from './use-pages.tsx'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
})

const { sync: says } = texts

/** Whose calendars are watched, and the events that could not be followed. */
export function Sync({ service, me }: { service: Service; me: SignedIn }) {
  const styles = useStyles()
  const pages = usePages<string>()
  const failedPages = usePages<string>()
  const [after, failedAfter] = [pages.beginning, failedPages.beginning]
  const { answer, problem, again } = useAnswer(
    useCallback(
      () => service.sync({ ...(after && { after }), ...(failedAfter && { failedAfter }) }),
      [service, after, failedAfter],
    ),
  )
  const { run, working, done, refused, status, failure } = useActs(again)
  const { person, state, change, check, act, reason, since } = says.columns
  const isAdmin = me.role === 'Admin'
  const shown = (time: string | null) => (time ? when(time) : says.never)
  const acts = isAdmin ? [act] : []
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      <Status ref={status}>{working ? says.working : done}</Status>
      {refused && <Failure ref={failure} problem={refused} />}
      <Pending answer={answer} problem={problem} again={again} />
      {answer && <p className={styles.text}>{says.waiting(answer.waiting)}</p>}
      {answer && <p className={styles.text}>{says.different(answer.different)}</p>}
      {answer?.people.length === 0 && <p className={styles.text}>{says.none}</p>}
      {answer && answer.people.length > 0 && (
        <Table name={says.heading} columns={[person, state, change, check, ...acts]}>
          {answer.people.map(({ subject, state, lastChange, lastCheck }) => (
            <tr key={subject}>
              <td>
                <PersonLink subject={subject} />
              </td>
              <td>{says.states[state]}</td>
              <td>{shown(lastChange)}</td>
              <td>{shown(lastCheck)}</td>
              {isAdmin && (
                <td>
                  <Button
                    size="small"
                    disabledFocusable={working}
                    aria-label={says.checkNow + texts.colon + subject}
                    onClick={() =>
                      run(() => service.checkSync(subject).then(() => says.checking(shortOf(subject))))
                    }
                  >
                    {says.checkNow}
                  </Button>
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      <Pager pages={pages} next={answer?.next} />
      {answer && answer.failedCount > 0 && (
        <>
          <h2 className={styles.text}>{says.failed}</h2>
          <p className={styles.text}>{says.failedCount(answer.failedCount)}</p>
          {isAdmin && (
            <Button
              disabledFocusable={working}
              onClick={() =>
                run(async () => {
                  await service.retryAllSync()
                  failedPages.toFirst()
                  return says.tryingAll
                })
              }
            >
              {says.tryAllAgain}
            </Button>
          )}
          <Table name={says.failed} columns={[person, reason, since, ...acts]}>
            {answer.failed.map(({ id, subject, reason, at }) => (
              <tr key={id}>
                <td>
                  <PersonLink subject={subject} />
                </td>
                <td>
                  <code>{reason}</code>
                </td>
                <td>{when(at)}</td>
                {isAdmin && (
                  <td>
                    <Button
                      size="small"
                      disabledFocusable={working}
                      aria-label={says.tryAgain + texts.colon + id}
                      onClick={() => run(() => service.retrySync(id).then(() => says.trying))}
                    >
                      {says.tryAgain}
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </Table>
          <Pager pages={failedPages} next={answer.nextFailed} says={says.failedPages} />
        </>
      )}
    </>
  )
}
