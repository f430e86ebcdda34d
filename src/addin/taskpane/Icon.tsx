import { makeStyles } from '@fluentui/react-components'
import { lazy, Suspense } from 'react'
import type { IconName } from './icons.tsx'

const useStyles = makeStyles({
  // Its room is there before it is drawn, so nothing moves then.
  room: { display: 'inline-flex', flexShrink: 0, width: '20px', height: '20px', fontSize: '20px' },
})

/** Loaded after the pane is there to be seen. What an icon says is also said in words, so the pane does without them. */
const Drawn = lazy(() => import('./icons.tsx').catch(() => ({ default: () => null })))

export function Icon({ name }: { name: IconName }) {
  return (
    <span className={useStyles().room} aria-hidden="true">
      <Suspense>
        <Drawn name={name} />
      </Suspense>
    </span>
  )
}
