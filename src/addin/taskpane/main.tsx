import { FluentProvider, type Theme } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { compose } from '../compose.ts'
import { direction, speakAsOutlook } from '../texts/i18n.ts'
import { Pane } from './Pane.tsx'
import './pane.css'
import { themeNow, useTheme } from './theme.ts'

const addIn = compose()

type Loaded = ReturnType<typeof addIn.load>

function Root({ first, opened }: { first: Theme; opened: Loaded }) {
  return (
    <FluentProvider theme={useTheme(first)} dir={direction()} className="provider">
      <Pane addIn={addIn} opened={opened} />
    </FluentProvider>
  )
}

Office.onReady(async () => {
  // Outlook answers while the pane is painted. Who needs the answer handles the error.
  const opened = addIn.load()
  opened.catch(() => {})
  const [theme] = await Promise.all([themeNow(), speakAsOutlook()])
  createRoot(document.getElementById('pane') as HTMLElement).render(
    <StrictMode>
      <Root first={theme} opened={opened} />
    </StrictMode>,
  )
})
