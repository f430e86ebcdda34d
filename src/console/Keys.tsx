import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useCallback } from 'react'
import type { Keys as Answer, SignedIn } from '../contract/admin.ts'
import { amount, when } from './language.ts'
import { Failure, Id, Pending, PersonLink, Status, Table } from './parts.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useActs } from './use-acts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  removal: { minWidth: '14rem' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

const { keys: says } = texts

type Act = keyof typeof says.done

/** The keys that wrap stored credentials, how many need each, and their removal by two administrators. */
export function Keys({ service, me }: { service: Service; me: SignedIn }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.keys(), [service]))
  const { run, done, refused, status, failure } = useActs(again)
  const requests = {
    ask: service.askKeyRemoval,
    confirm: service.retireKey,
    withdraw: service.withdrawKeyRemoval,
  }
  const act = (name: Act, key: string) =>
    run(async () => {
      await requests[name](key)
      return says.done[name](key)
    })
  const { key: name, use, records, failing, removal } = says.columns
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      <Status ref={status}>{done}</Status>
      {refused && <Failure ref={failure} problem={refused} />}
      <Pending answer={answer} problem={problem} again={again} />
      {answer && (
        <Table name={says.heading} columns={[name, use, records, failing, removal]}>
          {answer.keys.map((row) => (
            <tr key={row.key}>
              <td>
                <Id>{row.key}</Id>
              </td>
              <td>{row.active ? says.active : says.older}</td>
              <td>{amount(row.records)}</td>
              <td>{amount(row.failing)}</td>
              <td className={styles.removal}>
                <Removal row={row} act={me.role === 'Admin' ? act : undefined} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

interface RemovalProps {
  row: Answer['keys'][number]
  /** Undefined: an auditor does nothing. */
  act: ((act: Act, key: string) => void) | undefined
}

function Removal({ row: { key, active, records, asked, retiredAt }, act }: RemovalProps) {
  const styles = useStyles()
  if (retiredAt) return says.retired(when(retiredAt))
  const acts: Act[] = asked ? ['confirm', 'withdraw'] : active || records > 0 ? [] : ['ask']
  return (
    <>
      {asked && (
        <>
          {says.asked(when(asked.at))} <PersonLink subject={asked.by} />
        </>
      )}
      <div className={styles.actions}>
        {act &&
          acts.map((one) => (
            <Button
              key={one}
              size="small"
              aria-label={`${says[one]}${texts.colon}${key}`}
              onClick={() => act(one, key)}
            >
              {says[one]}
            </Button>
          ))}
      </div>
    </>
  )
}
