import { FluentProvider } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { useTheme } from '../../browser/theme.ts'
import { compose } from '../compose.ts'
import { direction, speakAsOutlook } from '../texts/i18n.ts'
import { Pane } from './Pane.tsx'
import './pane.css'
import { outlookIsDark } from './theme.ts'

const addIn = compose()

function Root() {
  return (
    <FluentProvider theme={useTheme(outlookIsDark)} dir={direction()} className="provider">
      <Pane addIn={addIn} />
    </FluentProvider>
  )
}

Office.onReady(async () => {
  await speakAsOutlook()
  createRoot(document.getElementById('pane') as HTMLElement).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  )
})
