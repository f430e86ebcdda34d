import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { localeOf, textsFor } from '../texts.ts'
import { wordsFor } from '../words.ts'
import { handOver } from './sign-in-window.ts'
import { Upcoming } from './Upcoming.tsx'
import './upcoming.css'

const isAnswer = handOver()
const { language, texts } = await textsFor(navigator.languages)
const locale = localeOf(language, navigator.languages)
document.documentElement.lang = locale
document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr'
document.title = texts.title

createRoot(document.getElementById('upcoming') as HTMLElement).render(
  <StrictMode>
    {isAnswer ? (
      <main>
        <p>{texts.closeWindow}</p>
      </main>
    ) : (
      <Upcoming language={language} texts={texts} words={wordsFor(locale)} />
    )}
  </StrictMode>,
)
