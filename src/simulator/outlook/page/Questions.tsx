import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import * as dialogs from '../host/dialogs.ts'
import type { Host } from '../host/host.ts'
import { bareStage, type Stage } from '../host/stage.ts'
import { Watched } from '../watched.ts'
import { RuntimeFrame } from './RuntimeFrame.tsx'
import { useWatched } from './use-watched.ts'

const useStyles = makeStyles({
  message: { whiteSpace: 'pre-line', overflowWrap: 'anywhere' },
  busy: { justifyContent: 'flex-start', paddingTop: tokens.spacingVerticalM },
  inside: { display: 'flex', flexDirection: 'column', maxWidth: '96vw', padding: 0, overflow: 'hidden' },
  close: { alignSelf: 'flex-end', margin: tokens.spacingVerticalXS },
})

const nobody = new Watched(bareStage)

/** Outlook's question. It stays mounted after the form closes, so that Fluent makes the page usable again. */
export function OutlookQuestion({ host }: { host: Host | null }) {
  const styles = useStyles()
  const { question } = useWatched(host?.stage ?? nobody)
  const [last, setLast] = useState(question)
  if (question && question !== last) setLast(question)
  const said = question ?? last
  return (
    <Dialog open={question !== null} modalType="alert" onOpenChange={() => question?.answer(false)}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{said?.title}</DialogTitle>
          <DialogContent className={styles.message}>
            {said?.message}
            {said?.busy && <Spinner className={styles.busy} size="tiny" label="Still working" />}
          </DialogContent>
          <DialogActions>
            {said?.go && <Button onClick={() => question?.answer(true)}>{said.go}</Button>}
            <Button appearance="primary" onClick={() => question?.answer(false)}>
              {said?.stay}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

/** A dialog of the add-in inside Outlook's window. */
export function InsideDialog({ host, dialog }: { host: Host; dialog: NonNullable<Stage['dialog']> }) {
  const styles = useStyles()
  const close = () => dialogs.close(host, 'person')
  const size = { width: `${dialog.width}vw`, height: `${dialog.height}vh` }
  return (
    <Dialog open onOpenChange={close}>
      <DialogSurface className={styles.inside} style={size} aria-label={host.addIn.name}>
        <Button
          className={styles.close}
          appearance="subtle"
          icon={<DismissRegular />}
          aria-label="Close dialog"
          onClick={close}
        />
        <RuntimeFrame runtime={dialog.runtime} title={`Dialog of ${host.addIn.name}`} />
      </DialogSurface>
    </Dialog>
  )
}
