import { FluentProvider } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { useTheme } from '../browser/theme.ts'
import { Console } from './Console.tsx'
import './console.css'
import { language } from './language.ts'
import { createService } from './service.ts'
import { texts } from './texts.ts'

document.documentElement.lang = language
document.title = texts.title
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
