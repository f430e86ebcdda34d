import { Button, makeStyles } from '@fluentui/react-components'
import type { PolicyPreview } from '../contract/admin-policies.ts'
import { Card, List, PersonLink, Status } from './parts.tsx'
import { valueText } from './policy-value.ts'
import { texts } from './texts.ts'

const useStyles = makeStyles({ text: { margin: 0 } })

const { policies: says } = texts

interface Props {
  preview: PolicyPreview
  save(): void
  busy: boolean
}

/** Whom the edited rules would affect, and how, before they are saved. */
export function Affected({ preview: { certain, possible, people }, save, busy }: Props) {
  const styles = useStyles()
  return (
    <Card name={says.affected}>
      <Status>
        {says.certain(certain)} {possible > 0 && says.possible(possible)}
      </Status>
      {people.length > 0 && (
        <List>
          {people.map(({ subject, certain: isCertain, changes }) => (
            <li key={subject}>
              <PersonLink subject={subject} />
              {texts.colon}
              {changes
                .map(({ name, before, after }) =>
                  says.change(says.names[name], valueText(before), valueText(after)),
                )
                .join(', ')}
              {!isCertain && ` (${says.perhaps})`}
            </li>
          ))}
        </List>
      )}
      {certain + possible > people.length && <p className={styles.text}>{says.more(people.length)}</p>}
      {/* It takes the place of the button that had the focus. */}
      <Button ref={focus} appearance="primary" disabledFocusable={busy} onClick={save}>
        {says.save}
      </Button>
    </Card>
  )
}

function focus(button: HTMLElement | null): void {
  button?.focus()
}
