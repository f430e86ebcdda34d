import { Button, Field, Input, makeStyles, Select, Spinner, tokens } from '@fluentui/react-components'
import { type FormEvent, useCallback, useState } from 'react'
import type { ListedPerson, PeopleQuery, SignedIn } from '../contract/admin.ts'
import { Failure, Id, PersonLink, Table } from './parts.tsx'
import { searchedFor } from './search.ts'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  search: { flexGrow: 1, minWidth: 'min(20rem, 100%)' },
  pager: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
})

const { people: says } = texts

interface Props {
  service: Service
  me: SignedIn
}

/** The people of the organisation: searched, filtered, a page at a time. */
export function People({ service, me }: Props) {
  const styles = useStyles()
  const [query, setQuery] = useState<Partial<PeopleQuery>>({})
  /** The beginnings of the pages so far; the last one is shown. */
  const [pages, setPages] = useState<(string | undefined)[]>([undefined])
  const after = pages.at(-1)
  const { answer, problem, again } = useAnswer(
    useCallback(() => service.people({ ...query, ...(after && { after }) }), [service, query, after]),
  )
  const begin = (wanted: Partial<PeopleQuery>) => {
    setQuery(wanted)
    setPages([undefined])
  }
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>
        {says.stored} {me.mailboxes && says.mailboxes}
      </p>
      <Search begin={begin} />
      {problem && <Failure problem={problem} again={again} />}
      {!answer && !problem && <Spinner label={texts.reading} />}
      {answer && (
        <>
          <p role="status" className={styles.text}>
            {answer.people.length === 0 ? says.none : says.shown(answer.people.length)}
          </p>
          {answer.people.length > 0 && <List people={answer.people} />}
          <div className={styles.pager}>
            {pages.length > 1 && (
              <Button onClick={() => setPages(pages.slice(0, -1))}>{says.previous}</Button>
            )}
            {answer.next && <Button onClick={() => setPages([...pages, answer.next])}>{says.next}</Button>}
          </div>
        </>
      )}
    </>
  )
}

function Search({ begin }: { begin(query: Partial<PeopleQuery>): void }) {
  const styles = useStyles()
  const [fault, setFault] = useState<string>()
  async function search(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const searched = await searchedFor(String(form.get('words')))
    setFault(searched ? undefined : says.notSearchable)
    if (searched) begin({ ...searched, ...chosen(form, 'state'), ...chosen(form, 'provider') })
  }
  return (
    <search>
      <form className={styles.form} onSubmit={search}>
        <Field
          label={says.search}
          className={styles.search}
          {...(fault && { validationState: 'error', validationMessage: fault })}
        >
          <Input name="words" autoComplete="off" spellCheck={false} />
        </Field>
        <Field label={says.state}>
          <Select name="state">
            <Options every={says.every} rows={texts.states} />
          </Select>
        </Field>
        <Field label={says.provider}>
          <Select name="provider">
            <Options every={says.everyProvider} rows={texts.providers} />
          </Select>
        </Field>
        <Button type="submit" appearance="primary">
          {says.find}
        </Button>
      </form>
    </search>
  )
}

const chosen = (form: FormData, name: 'state' | 'provider') =>
  form.get(name) ? { [name]: String(form.get(name)) } : {}

const Options = ({ every, rows }: { every: string; rows: Record<string, string> }) => (
  <>
    <option value="">{every}</option>
    {Object.entries(rows).map(([value, label]) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </>
)

function List({ people }: { people: readonly ListedPerson[] }) {
  const { person, zoom, calendar } = says.columns
  return (
    <Table name={says.heading} columns={[person, zoom, calendar]}>
      {people.map(({ subject, zoomUserId, connections }) => (
        <tr key={subject}>
          <td>
            <PersonLink subject={subject} />
          </td>
          <td>{zoomUserId ? <Id>{zoomUserId}</Id> : says.notLinked}</td>
          <td>
            {connections.length === 0 && texts.states.not_connected}
            {connections
              .map(({ provider, state }) => `${texts.providers[provider]}: ${texts.states[state]}`)
              .join(', ')}
          </td>
        </tr>
      ))}
    </Table>
  )
}
