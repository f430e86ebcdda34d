import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { languageFor } from '../../contract/languages.ts'
import { loaded, localeOf } from '../texts.ts'
import { wordsFor } from '../words.ts'
import { RoomScreen } from './RoomScreen.tsx'
import { english, roomFile } from './texts.ts'
import './room.css'

const language = languageFor(...navigator.languages)
const texts = (await loaded(roomFile(language)))?.room ?? english
const locale = localeOf(language, navigator.languages)
document.documentElement.lang = locale
document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr'
document.title = texts.title

createRoot(document.getElementById('room') as HTMLElement).render(
  <StrictMode>
    <RoomScreen language={language} texts={texts} words={wordsFor(locale)} />
  </StrictMode>,
)
