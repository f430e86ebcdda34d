import { useEffect, useRef, useSyncExternalStore } from 'react'
import { type Day, daysOf, midnight } from '../day.ts'
import type { Shown } from '../feed.ts'
import { filled, type Texts } from '../texts.ts'
import { stateOf, type Words } from '../words.ts'
import { AllDay, Timed } from './Event.tsx'
import { type Calendar, useCalendar } from './use-calendar.ts'
import { useClock } from './use-clock.ts'

interface Speech {
  texts: Texts
  words: Words
}

/** The whole page: the sign-in, or today and tomorrow. */
export function Upcoming({ language, texts, words }: Speech & { language: string }) {
  const { calendar, signIn, signOut, refresh } = useCalendar(language)
  return (
    <main>
      <header>
        <h1>{texts.title}</h1>
        {calendar.is === 'signed in' && (
          <button type="button" className="quiet" onClick={signOut}>
            {texts.signOut}
          </button>
        )}
      </header>
      {calendar.is === 'signed in' ? (
        <TwoDays shown={calendar.shown} refresh={refresh} texts={texts} words={words} />
      ) : (
        <SignedOut calendar={calendar} signIn={signIn} texts={texts} />
      )}
    </main>
  )
}

function SignedOut(props: { calendar: Calendar & { is: 'signed out' }; signIn(): void; texts: Texts }) {
  const { calendar, signIn, texts } = props
  const { why, problem, isOpen } = calendar
  const says =
    why === 'revoked'
      ? texts.revoked
      : why
        ? texts.signedOut
        : problem?.code === 'sign_in_window_blocked'
          ? texts.windowBlocked
          : problem && texts.notSignedIn
  return (
    <>
      {says && (
        <p role="alert" className="notice">
          {says}
        </p>
      )}
      <p>
        {texts.introduction} {texts.memoryOnly}
      </p>
      <button type="button" className="main" onClick={signIn}>
        {texts.signIn}
      </button>
      <p role="status">{isOpen && texts.signingIn}</p>
    </>
  )
}

function TwoDays({ shown, refresh, texts, words }: Speech & { shown: Shown; refresh(): void }) {
  const now = useClock()
  const today = midnight(now)
  const read = useRef(today)
  useEffect(() => {
    if (read.current === today) return
    // Another day has begun, and other events are shown.
    read.current = today
    refresh()
  })
  const isOnline = useSyncExternalStore(followOnline, () => navigator.onLine)
  const { events, problem } = shown
  const [first, second] = daysOf(events ?? [], now)
  const onNow = first.timed.filter(({ isOn }) => isOn)
  return (
    <>
      <p role="status" className={problem || !isOnline ? 'notice' : 'state'}>
        {stateOf(shown, isOnline, texts, words)}
      </p>
      {problem && (
        <button type="button" className="quiet" onClick={refresh}>
          {texts.tryAgain}
        </button>
      )}
      {onNow.length > 0 && (
        <section aria-labelledby="on-now" className="on-now">
          <h2 id="on-now">{texts.onNow}</h2>
          <ul>
            {onNow.map((one) => (
              <Timed key={keyOf(one.event)} timed={one} texts={texts} words={words} />
            ))}
          </ul>
        </section>
      )}
      {events &&
        [first, second].map((day, later) => (
          <DaySection key={day.start} day={day} later={later} texts={texts} words={words} />
        ))}
      {events && <p className="state">{filled(texts.timesIn, { zone: words.zone(now) })}</p>}
    </>
  )
}

function followOnline(changed: () => void): () => void {
  addEventListener('online', changed)
  addEventListener('offline', changed)
  return () => {
    removeEventListener('online', changed)
    removeEventListener('offline', changed)
  }
}

function DaySection({ day, later, texts, words }: Speech & { day: Day; later: number }) {
  const timed = day.timed.filter(({ isOn }) => !isOn)
  const isEmpty = day.allDay.length === 0 && day.timed.length === 0
  return (
    <section aria-labelledby={`day-${later}`}>
      <h2 id={`day-${later}`}>
        {words.day(later)} <small>{words.date(day.start)}</small>
      </h2>
      {isEmpty && <p className="state">{texts.nothing}</p>}
      {!isEmpty && (
        <ul>
          {day.allDay.map((event) => (
            <AllDay key={keyOf(event)} event={event} texts={texts} />
          ))}
          {timed.map((one) => (
            <Timed key={keyOf(one.event)} timed={one} texts={texts} words={words} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** An event has no id here. Two with the same are shown alike. */
const keyOf = ({ start, minutes, subject, joinLink }: Day['allDay'][number]) =>
  `${start} ${minutes} ${subject} ${joinLink}`
