import { Button, makeStyles } from '@fluentui/react-components'
import { paneTexts } from '../texts/pane.ts'
import { Icon } from './Icon.tsx'
import { Spinner } from './Spinner.tsx'

const useStyles = makeStyles({ undo: { alignSelf: 'start' } })

interface Props {
  /** Zoom cannot give the meeting back. */
  makesNew: boolean
  doing: boolean
  undo(): void
}

/** Takes back the removal of a meeting. It gets the focus: the button that removed the meeting is gone. */
export function Undo({ makesNew, doing, undo }: Props) {
  const texts = paneTexts.get()
  return (
    <>
      {makesNew && texts.undoMakesNew}
      <Button
        ref={focus}
        className={useStyles().undo}
        size="small"
        icon={doing ? null : <Icon name="undo" />}
        disabledFocusable={doing}
        onClick={undo}
      >
        {doing ? <Spinner label={texts.undoing} /> : texts.undo}
      </Button>
    </>
  )
}

export function focus(element: HTMLElement | null): void {
  element?.focus()
}
