import { Button, Checkbox, Field, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { itemIds, type Quirks } from '../quirks.ts'
import { begin, endFaults, situations, waitingFaults } from '../server.ts'
import { Drawer } from './Drawer.tsx'
import type { Outlook } from './use-outlook.ts'

const useStyles = makeStyles({
  body: {
    overflowY: 'auto',
    flexGrow: 1,
    padding: `0 ${tokens.spacingHorizontalL} ${tokens.spacingVerticalM}`,
    '&:focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  quirks: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  list: { listStyle: 'none', margin: 0, padding: 0, columns: '22rem auto' },
  entry: { breakInside: 'avoid' },
  button: { justifyContent: 'flex-start', textAlign: 'left', fontWeight: 'normal', width: '100%' },
})

/** What can be tried out: how this Outlook deviates, and situations with a button for each. */
export function SituationsDrawer({ outlook, close }: { outlook: Outlook; close(): void }) {
  const styles = useStyles()
  const { all, waiting, start, end } = useSituations()
  return (
    <Drawer
      name="Situations"
      status={
        waiting === 0 ? 'No fault is set.' : `${waiting === 1 ? '1 fault is' : `${waiting} faults are`} set.`
      }
      action={{ label: 'End all faults', act: end }}
      close={close}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className={styles.body} tabIndex={0}>
        <QuirkChoosers outlook={outlook} />
        <ul className={styles.list}>
          {all.map(({ id, says }) => (
            <li key={id} className={styles.entry}>
              <Button appearance="subtle" size="small" className={styles.button} onClick={() => start(id)}>
                {says}
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </Drawer>
  )
}

/** A member that Office.js lacks, or that throws. */
const memberQuirks = [
  { says: 'Office.js has no recurrence', of: 'missing', member: 'recurrence' },
  { says: 'recurrence.getAsync throws', of: 'throwing', member: 'recurrence.getAsync' },
] as const

/** A change opens the form again, with new runtimes of the add-in. */
function QuirkChoosers({ outlook: { quirks, choose } }: { outlook: Outlook }) {
  const styles = useStyles()
  const change = (patch: Partial<Quirks>) => choose({ quirks: { ...quirks, ...patch } })
  return (
    <div className={styles.quirks}>
      <Field label="Item ids" orientation="horizontal">
        <Select
          size="small"
          value={quirks.ids}
          onChange={(_, { value }) => change({ ids: value as Quirks['ids'] })}
        >
          {Object.entries(itemIds).map(([id, { says }]) => (
            <option key={id} value={id}>
              {says}
            </option>
          ))}
        </Select>
      </Field>
      <Checkbox
        label="The browser is offline"
        checked={quirks.offline}
        onChange={(_, { checked }) => change({ offline: checked === true })}
      />
      {memberQuirks.map(({ says, of, member }) => (
        <Checkbox
          key={says}
          label={says}
          checked={quirks[of].includes(member)}
          onChange={(_, { checked }) => {
            const others = quirks[of].filter((name) => name !== member)
            change({ [of]: checked === true ? [...others, member] : others })
          }}
        />
      ))}
    </div>
  )
}

/** The situations, the number of faults that are set, and how to begin and end them. */
function useSituations() {
  const [all, setAll] = useState<{ id: string; says: string }[]>([])
  const [waiting, setWaiting] = useState(0)
  const count = () => waitingFaults().then((faults) => setWaiting(faults.length))
  useEffect(() => {
    situations().then(setAll).then(count).catch(console.error)
  }, [])
  return {
    all,
    waiting,
    start: (id: string) => void begin(id).then(count).catch(console.error),
    end: () => void endFaults().then(count).catch(console.error),
  }
}
