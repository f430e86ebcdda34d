import { makeStyles, tokens } from '@fluentui/react-components'
import type { Host } from '../host/host.ts'
import { Form } from './Form.tsx'
import { InfoBar } from './InfoBar.tsx'
import { narrow } from './narrow.ts'
import { InsideDialog } from './Questions.tsx'
import { Ribbon } from './Ribbon.tsx'
import { TaskPane } from './TaskPane.tsx'
import { useWatched } from './use-watched.ts'

const useStyles = makeStyles({
  compose: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0 },
  beside: {
    display: 'flex',
    flexGrow: 1,
    minHeight: 0,
    [narrow]: { flexDirection: 'column' },
  },
  item: {
    display: 'flex',
    flexDirection: 'column',
    flexGrow: 1,
    minWidth: 0,
    overflowY: 'auto',
    backgroundColor: tokens.colorNeutralBackground3,
    [narrow]: { overflowY: 'visible', flexShrink: 0 },
  },
})

/** The form of an appointment, with ribbon, info bar and task pane. */
export function Compose({ host }: { host: Host }) {
  const styles = useStyles()
  const { pane, dialog } = useWatched(host.stage)
  return (
    <div className={styles.compose}>
      <Ribbon host={host} />
      <div className={styles.beside}>
        <main className={styles.item}>
          <InfoBar host={host} />
          <Form item={host.item} />
        </main>
        {pane && <TaskPane host={host} pane={pane} />}
      </div>
      {dialog?.inside && <InsideDialog host={host} dialog={dialog} />}
    </div>
  )
}
