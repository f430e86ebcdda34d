import { Button, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useEffect, useRef } from 'react'
import type { Rule, ShownPolicies } from '../contract/admin-policies.ts'
import { isText, policyNames, valuesOf } from '../contract/policies.ts'
import { Id, Table } from './parts.tsx'
import { valueText } from './policy-value.ts'
import { texts } from './texts.ts'

const useStyles = makeStyles({
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS },
  value: { minWidth: '11rem' },
})

const { policies: says } = texts

interface Props {
  rules: readonly Rule[]
  defaults: ShownPolicies['defaults']
  /** Missing: the rules are only shown. `what` says what was done. */
  edit?(rules: Rule[], what: string): void
}

const keyOf = ({ name, group }: Rule) => `${name} ${group}`
const nameOf = ({ name, group }: Rule) => `${says.names[name]}, ${group ?? says.everybody}`

/** The rules in the order in which they decide: groups first, then everybody, then the settings. */
export function Rules({ rules, defaults, edit }: Props) {
  const { name, whom, value, order } = says.columns
  const groups = rules.filter(({ group }) => group !== null)
  const general = rules.filter(({ group }) => group === null)
  const editor = useEditing(groups, general, edit)
  return (
    <Table name={says.rules} columns={[whom, name, value, ...(edit ? [order] : [])]}>
      {[...groups, ...general].map((rule) => (
        <tr key={keyOf(rule)}>
          <td>{rule.group ? <Id>{rule.group}</Id> : says.everybody}</td>
          <td>{says.names[rule.name]}</td>
          <td>
            {editor && !isText(rule.name) ? <Value rule={rule} set={editor.set} /> : valueText(rule.value)}
          </td>
          {editor && (
            <td>
              <Buttons rule={rule} index={groups.indexOf(rule)} count={groups.length} editor={editor} />
            </td>
          )}
        </tr>
      ))}
      {policyNames.map((policy) => (
        <tr key={policy}>
          <td>{says.otherwise}</td>
          <td>{says.names[policy]}</td>
          <td>{valueText(defaults[policy] ?? '')}</td>
          {edit && <td />}
        </tr>
      ))}
    </Table>
  )
}

type Editor = NonNullable<ReturnType<typeof useEditing>>

/** What the controls of a row do. A row that moves keeps the focus: the browser takes it from an element that moves. */
function useEditing(groups: readonly Rule[], general: readonly Rule[], edit: Props['edit']) {
  const wanted = useRef<string>(undefined)
  useEffect(() => {
    if (wanted.current) document.getElementById(wanted.current)?.focus()
    wanted.current = undefined
  })
  if (!edit) return undefined
  const all = [...groups, ...general]
  return {
    set: (rule: Rule, value: string) =>
      edit(
        all.map((one) => (one === rule ? { ...rule, value } : one)),
        says.changed,
      ),
    remove(rule: Rule) {
      const next = all[all.indexOf(rule) + 1] ?? all[all.indexOf(rule) - 1]
      wanted.current = next && `remove ${keyOf(next)}`
      edit(
        all.filter((one) => one !== rule),
        says.removed,
      )
    },
    move(rule: Rule, by: 1 | -1) {
      const from = all.indexOf(rule)
      wanted.current = `${by < 0 ? 'up' : 'down'} ${keyOf(rule)}`
      const others = all.filter((one) => one !== rule)
      edit([...others.slice(0, from + by), rule, ...others.slice(from + by)], says.moved)
    },
  }
}

function Value({ rule, set }: { rule: Rule; set: Editor['set'] }) {
  return (
    <Select
      className={useStyles().value}
      aria-label={says.columns.value + texts.colon + nameOf(rule)}
      value={rule.value}
      onChange={(_, { value }) => set(rule, value)}
    >
      {valuesOf(rule.name).map((value) => (
        <option key={value} value={value}>
          {valueText(value)}
        </option>
      ))}
    </Select>
  )
}

interface ButtonsProps {
  rule: Rule
  /** Its place among the rules for groups. -1: it is for everybody, and has none. */
  index: number
  count: number
  editor: Editor
}

function Buttons({ rule, index, count, editor }: ButtonsProps) {
  const styles = useStyles()
  const button = (what: 'up' | 'down' | 'remove', act: () => void, disabled = false) => (
    <Button
      id={`${what} ${keyOf(rule)}`}
      size="small"
      aria-label={says[what] + texts.colon + nameOf(rule)}
      disabledFocusable={disabled}
      onClick={act}
    >
      {says[what]}
    </Button>
  )
  return (
    <div className={styles.buttons}>
      {index >= 0 && count > 1 && (
        <>
          {button('up', () => editor.move(rule, -1), index === 0)}
          {button('down', () => editor.move(rule, 1), index === count - 1)}
        </>
      )}
      {button('remove', () => editor.remove(rule))}
    </div>
  )
}
