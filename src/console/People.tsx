import { Button, Checkbox, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useCallback, useState } from 'react'
import { Confirm } from '../browser/Confirm.tsx'
import type { ListedPerson, PeopleQuery, SignedIn } from '../contract/admin.ts'
import { Id, Pending, PersonLink, Status, shortOf, Table } from './parts.tsx'
import { Revoking } from './Revoking.tsx'
import { searchedFor } from './search.ts'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'
import { Pager, usePages } from './use-pages.tsx'
import { useRevoking } from './use-revoking.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  search: { flexGrow: 1, minWidth: 'min(20rem, 100%)' },
  // A list is as wide as its longest option, where the window is.
  field: { maxWidth: '100%' },
  select: { minWidth: 0 },
})

const { people: says, revoking } = texts

interface Props {
  service: Service
  me: SignedIn
}

/** The people of the organisation: searched, filtered, a page at a time. */
export function People({ service, me }: Props) {
  const styles = useStyles()
  const [query, setQuery] = useState<Partial<PeopleQuery>>({})
  const pages = usePages<string>()
  const after = pages.beginning
  const { answer, problem, again } = useAnswer(
    useCallback(() => service.people({ ...query, ...(after && { after }) }), [service, query, after]),
  )
  const [selected, setSelected] = useState<readonly string[]>([])
  const revocation = useRevoking(service, again)
  const revoke = () => {
    setSelected([])
    revocation.revoke(selected)
  }
  const begin = (wanted: Partial<PeopleQuery>) => {
    setQuery(wanted)
    pages.toFirst()
  }
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>
        {says.stored} {me.mailboxes && says.mailboxes}
      </p>
      <Search begin={begin} />
      <Pending answer={answer} problem={problem} again={again} />
      {answer && (
        <>
          <Status>{answer.people.length === 0 ? says.none : says.shown(answer.people.length)}</Status>
          {answer.people.length > 0 && (
            <List people={answer.people} {...(me.role === 'Admin' && { selected, setSelected })} />
          )}
          {selected.length > 0 && !revocation.running && (
            <Confirm
              label={revoking.label(selected.length)}
              question={revoking.question(selected.length)}
              yes={revoking.yes}
              no={revoking.no}
              act={revoke}
            />
          )}
          <Revoking {...revocation} />
          <Pager pages={pages} next={answer.next} />
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
        <Field label={says.state} className={styles.field}>
          <Select name="state" className={styles.select}>
            <Options every={says.every} rows={texts.states} />
          </Select>
        </Field>
        <Field label={says.provider} className={styles.field}>
          <Select name="provider" className={styles.select}>
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

interface ListProps {
  people: readonly ListedPerson[]
  /** The people that an administrator has selected, on any page. Missing: an auditor selects nobody. */
  selected?: readonly string[]
  setSelected?(selected: readonly string[]): void
}

function List({ people, selected = [], setSelected }: ListProps) {
  const { person, zoom, calendar } = says.columns
  const here = people.map(({ subject }) => subject)
  const elsewhere = selected.filter((subject) => !here.includes(subject))
  const all = here.every((subject) => selected.includes(subject))
  const select = (subjects: readonly string[], checked: boolean) =>
    setSelected?.([
      ...selected.filter((subject) => !subjects.includes(subject)),
      ...(checked ? subjects : []),
    ])
  return (
    <Table
      name={says.heading}
      columns={[person, zoom, calendar]}
      choose={
        setSelected && (
          <Checkbox
            aria-label={revoking.selectAll}
            checked={all || (selected.length > elsewhere.length ? 'mixed' : false)}
            onChange={(_, { checked }) => select(here, checked === true)}
          />
        )
      }
    >
      {people.map(({ subject, zoomUserId, connections }) => (
        <tr key={subject}>
          {setSelected && (
            <td>
              <Checkbox
                aria-label={revoking.select(shortOf(subject))}
                checked={selected.includes(subject)}
                onChange={(_, { checked }) => select([subject], checked === true)}
              />
            </td>
          )}
          <td>
            <PersonLink subject={subject} />
          </td>
          <td>{zoomUserId ? <Id>{zoomUserId}</Id> : says.notLinked}</td>
          <td>
            {connections.length === 0 && texts.states.not_connected}
            {connections
              .map(({ provider, state }) => texts.providers[provider] + texts.colon + texts.states[state])
              .join(', ')}
          </td>
        </tr>
      ))}
    </Table>
  )
}
