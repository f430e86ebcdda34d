import { FluentProvider } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { useTheme } from '../browser/theme.ts'
import { Console } from './Console.tsx'
import './console.css'
import { createService } from './service.ts'

const service = createService()

function Root() {
  return (
    <FluentProvider theme={useTheme()} className="provider">
      <Console service={service} />
    </FluentProvider>
  )
}

createRoot(document.getElementById('console') as HTMLElement).render(
  <StrictMode>
    <Root />
  </StrictMode>,
)
