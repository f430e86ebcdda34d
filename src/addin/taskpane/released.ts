let isPressed = false
let waiting: (() => void)[] = []

window.addEventListener(
  'pointerdown',
  ({ button }) => {
    isPressed ||= button === 0
  },
  { capture: true },
)
for (const end of ['pointerup', 'pointercancel', 'contextmenu', 'blur'])
  window.addEventListener(end, release, { capture: true })

function release() {
  isPressed = false
  // The click comes after the pointer is up, in the same task.
  for (const resolve of waiting) setTimeout(resolve)
  waiting = []
}

/**
 * Resolves when no button of the mouse and no finger is down. Nothing in the pane may move under a pressed pointer: where
 * it comes up over something else, the browser makes no click. It is the press itself that gives the pane the focus, and
 * that makes it read the appointment again.
 */
export const released = (): Promise<void> =>
  new Promise((resolve) => {
    if (isPressed) waiting.push(resolve)
    else resolve()
  })
