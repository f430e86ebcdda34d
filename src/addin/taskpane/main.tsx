import { FluentProvider, type Theme } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { compose } from '../compose.ts'
import { direction, speakAsOutlook } from '../texts/i18n.ts'
import { Pane } from './Pane.tsx'
import './pane.css'
import { themeNow, useTheme } from './theme.ts'

const addIn = compose()

function Root({ first }: { first: Theme }) {
  return (
    <FluentProvider theme={useTheme(first)} dir={direction()} className="provider">
      <Pane addIn={addIn} />
    </FluentProvider>
  )
}

Office.onReady(async () => {
  const [theme] = await Promise.all([themeNow(), speakAsOutlook()])
  createRoot(document.getElementById('pane') as HTMLElement).render(
    <StrictMode>
      <Root first={theme} />
    </StrictMode>,
  )
})
