import { FluentProvider } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { useTheme } from '../../browser/theme.ts'
import { compose } from '../compose.ts'
import { Pane } from './Pane.tsx'
import './pane.css'
import { outlookIsDark } from './theme.ts'

const addIn = compose()

function Root() {
  return (
    <FluentProvider theme={useTheme(outlookIsDark)} className="provider">
      <Pane addIn={addIn} />
    </FluentProvider>
  )
}

Office.onReady(() => {
  document.documentElement.lang = Office.context.displayLanguage
  createRoot(document.getElementById('pane') as HTMLElement).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  )
})
