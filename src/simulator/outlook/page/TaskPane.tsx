import { Button, makeStyles, Subtitle2, tokens } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { useEffect, useRef } from 'react'
import type { Host } from '../host/host.ts'
import type { Stage } from '../host/stage.ts'
import { isNarrow, narrow } from './narrow.ts'
import { RuntimeFrame } from './RuntimeFrame.tsx'

const useStyles = makeStyles({
  pane: {
    display: 'flex',
    flexDirection: 'column',
    flexShrink: 0,
    width: '22.5rem',
    backgroundColor: tokens.colorNeutralBackground1,
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    [narrow]: {
      width: '100%',
      height: '34rem',
      borderLeft: 'none',
      borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    },
  },
  header: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalS} ${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
  },
})

/** The add-in's page beside the appointment. */
export function TaskPane({ host, pane }: { host: Host; pane: NonNullable<Stage['pane']> }) {
  const styles = useStyles()
  const whole = useRef<HTMLElement>(null)
  const { runtime, button } = pane
  useEffect(() => {
    if (isNarrow()) whole.current?.scrollIntoView()
    const leave = (event: Event) => focusBeside(runtime.frame, (event as CustomEvent).detail)
    runtime.frame.addEventListener('leave', leave)
    return () => runtime.frame.removeEventListener('leave', leave)
  }, [runtime])
  return (
    <aside ref={whole} className={styles.pane} aria-label="Task pane">
      <div className={styles.header}>
        <Subtitle2 as="h2">{host.addIn.name}</Subtitle2>
        <Button
          appearance="subtle"
          icon={<DismissRegular />}
          aria-label="Close task pane"
          onClick={() => host.closePane()}
        />
      </div>
      <RuntimeFrame key={runtime.controlId} runtime={runtime} title={button.label} />
    </aside>
  )
}

const focusable =
  'a[href], button:not([disabled]), input, select, [contenteditable=true], iframe[data-runtime="task pane"]'

/** Moves the focus out of the pane. Office.js handles Tab inside the frame; Outlook must move the focus from there. */
function focusBeside(frame: HTMLElement, side: 'before' | 'after'): void {
  const all = [...document.querySelectorAll<HTMLElement>(focusable)]
  const next = all.indexOf(frame) + (side === 'after' ? 1 : -1)
  const target = all.at(next % all.length)
  target?.focus()
}
