import { FluentProvider, type Theme } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { compose } from '../compose.ts'
import { direction, speakAsOutlook } from '../texts/i18n.ts'
import { Pane } from './Pane.tsx'
import { themeNow, useTheme } from './theme.ts'
import type { Opened } from './use-meeting.ts'

const addIn = compose()

/** Milliseconds. From an Outlook that answers sooner, the whole pane is painted at once; otherwise a skeleton is first. */
const patience = 100

function Root({ first, opened }: { first: Theme; opened: Opened }) {
  return (
    <FluentProvider theme={useTheme(first)} dir={direction()} className="provider">
      <Pane addIn={addIn} opened={opened} />
    </FluentProvider>
  )
}

Office.onReady(async () => {
  const loading = addIn.load()
  // Who needs the answer handles the error.
  const soon = Promise.race([loading, pause(patience)]).catch(() => undefined)
  const [theme, loaded] = await Promise.all([themeNow(), soon, speakAsOutlook()])
  createRoot(document.getElementById('pane') as HTMLElement).render(
    <StrictMode>
      <Root first={theme} opened={{ loading, loaded }} />
    </StrictMode>,
  )
})

function pause(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined))
}
