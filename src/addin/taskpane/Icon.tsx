import { makeStyles } from '@fluentui/react-components'
import { lazy, Suspense } from 'react'
import type { IconName } from './icons.tsx'

const useStyles = makeStyles({
  // Its room is there before it is drawn, so nothing moves then.
  // It stays as large as that where only text is enlarged: it would cover the text.
  room: {
    ...{ display: 'inline-flex', flexShrink: 0, width: '20px', height: '20px' },
    '& svg': { width: '100%', height: '100%' },
  },
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
