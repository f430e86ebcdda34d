import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import type { Rule } from '../contract/admin-policies.ts'
import {
  isText,
  type PolicyName,
  policyNames,
  strictnessOf,
  type TextDecision,
  textDecisions,
  valueOfText,
  valuesOf,
} from '../contract/policies.ts'
import { valueText } from './policy-value.ts'
import { guid } from './search.ts'
import { texts } from './texts.ts'

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  // The longest choice may be wider than a phone.
  choice: { maxWidth: '100%', gridTemplateColumns: 'minmax(0, auto)' },
  group: { flexGrow: 1, minWidth: 'min(20rem, 100%)' },
})

const { policies: says } = texts

interface Props {
  rules: readonly Rule[]
  add(rule: Rule): void
}

/** Adds a rule after the others. */
export function NewRule({ rules, add }: Props) {
  const styles = useStyles()
  const [name, setName] = useState<PolicyName>('calendar')
  const [fault, setFault] = useState<Fault>()
  const faultAt = (field: Fault['field']) =>
    fault?.field === field && { validationState: 'error' as const, validationMessage: fault.says }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const words = String(form.get('group')).trim().toLowerCase()
    const group = words || null
    const chosen = String(form.get('value'))
    const value = isText(name)
      ? valueOfText(chosen as TextDecision, String(form.get('text') ?? '').replace(/\s/g, ''))
      : chosen
    const found = faultOf(rules, { group, name, value })
    setFault(found)
    if (!found) add({ group, name, value })
  }
  return (
    <form aria-label={says.add} className={styles.form} onSubmit={submit}>
      <Field label={says.columns.name} className={styles.choice}>
        <Select name="name" value={name} onChange={(_, { value }) => setName(value as PolicyName)}>
          {policyNames.map((one) => (
            <option key={one} value={one}>
              {says.names[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={says.columns.value} className={styles.choice}>
        <Values key={name} name={name} />
      </Field>
      {isText(name) && (
        <Field label={says.text} hint={says.textsMore[name]} className={styles.choice} {...faultAt('text')}>
          <Input key={name} name="text" dir="ltr" autoComplete="off" spellCheck={false} />
        </Field>
      )}
      <Field label={says.group} className={styles.group} {...faultAt('group')}>
        <Input name="group" autoComplete="off" spellCheck={false} />
      </Field>
      <Button type="submit">{says.add}</Button>
    </form>
  )
}

/** The values that a policy can have. */
const Values = ({ name, ...props }: { name: PolicyName }) => (
  <Select {...props} name="value">
    {isText(name)
      ? textDecisions.map((decision) => (
          <option key={decision} value={decision}>
            {says.decisions[decision]}
          </option>
        ))
      : valuesOf(name).map((value) => (
          <option key={value} value={value}>
            {valueText(value)}
          </option>
        ))}
  </Select>
)

interface Fault {
  field: 'group' | 'text'
  says: string
}

function faultOf(rules: readonly Rule[], { name, group, value }: Rule): Fault | undefined {
  if (group && !guid.test(group)) return { field: 'group', says: says.notGroup }
  if (strictnessOf(name, value) === undefined) return { field: 'text', says: says.notText(says.names[name]) }
  return rules.some((rule) => rule.name === name && rule.group === group)
    ? { field: 'group', says: says.twice }
    : undefined
}
