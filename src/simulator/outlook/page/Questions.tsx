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
import * as dialogs from '../host/dialogs.ts'
import type { Host, Stage } from '../host/host.ts'
import { RuntimeFrame } from './RuntimeFrame.tsx'

const useStyles = makeStyles({
  message: { whiteSpace: 'pre-line', overflowWrap: 'anywhere' },
  busy: { justifyContent: 'flex-start', paddingTop: tokens.spacingVerticalM },
  inside: { display: 'flex', flexDirection: 'column', maxWidth: '96vw', padding: 0 },
  close: { alignSelf: 'flex-end', margin: tokens.spacingVerticalXS },
})

/** What Outlook asks before it sends. */
export function SendQuestion({ question }: { question: NonNullable<Stage['question']> }) {
  const styles = useStyles()
  return (
    <Dialog open modalType="alert" onOpenChange={() => question.answer(false)}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{question.title}</DialogTitle>
          <DialogContent className={styles.message}>
            {question.message}
            {question.busy && <Spinner className={styles.busy} size="tiny" label="Still working" />}
          </DialogContent>
          <DialogActions>
            {question.go && <Button onClick={() => question.answer(true)}>{question.go}</Button>}
            <Button appearance="primary" onClick={() => question.answer(false)}>
              {question.stay}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

/** A dialog of the add-in inside the window. */
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
