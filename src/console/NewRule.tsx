import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import type { Rule } from '../contract/admin-policies.ts'
import { type PolicyName, policyNames, policyValues } from '../contract/policies.ts'
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
  const [fault, setFault] = useState<string>()
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const words = String(form.get('group')).trim().toLowerCase()
    const group = words || null
    const found = faultOf(rules, name, group)
    setFault(found)
    if (!found) add({ group, name, value: String(form.get('value')) })
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
      <Field
        label={says.group}
        className={styles.group}
        {...(fault && { validationState: 'error', validationMessage: fault })}
      >
        <Input name="group" autoComplete="off" spellCheck={false} />
      </Field>
      <Button type="submit">{says.add}</Button>
    </form>
  )
}

/** The values that a policy can have. */
const Values = ({ name, ...props }: { name: PolicyName }) => (
  <Select {...props} name="value">
    {policyValues[name].map((value) => (
      <option key={value} value={value}>
        {says.values[value]}
      </option>
    ))}
  </Select>
)

function faultOf(rules: readonly Rule[], name: PolicyName, group: string | null): string | undefined {
  if (group && !guid.test(group)) return says.notGroup
  return rules.some((rule) => rule.name === name && rule.group === group) ? says.twice : undefined
}
