import { useEffect, useState } from 'react'
import type { RoomEvent, Shown, ShownRoom } from '../../contract/rooms.ts'
import { JoinLink } from '../JoinLink.tsx'
import { filled } from '../texts.ts'
import { useClock } from '../upcoming/use-clock.ts'
import type { Words } from '../words.ts'
import { followScreen, type ScreenState } from './follow.ts'
import { type RoomNow, roomNow, type Timed } from './room-now.ts'
import type { RoomTexts } from './texts.ts'

interface Speech {
  texts: RoomTexts
  words: Words
}

/** The whole page: a code for pairing, one room, or many. */
export function RoomScreen({ language, texts, words }: Speech & { language: string }) {
  const [state, setState] = useState<ScreenState>({ is: 'starting' })
  useEffect(() => {
    const following = followScreen(language, setState)
    addEventListener('online', following.refresh)
    return () => {
      removeEventListener('online', following.refresh)
      following.stop()
    }
  }, [language])
  if (state.is === 'starting')
    return (
      <main className="pairing">
        <p role="status">{texts.reading}</p>
      </main>
    )
  if (state.is === 'pairing') return <PairingCode state={state} texts={texts} />
  return <Showing {...state} texts={texts} words={words} />
}

function PairingCode({ state, texts }: { state: ScreenState & { is: 'pairing' }; texts: RoomTexts }) {
  return (
    <main className="pairing">
      {state.wasRemoved && (
        <p role="alert" className="notice">
          {texts.pairAgain}
        </p>
      )}
      <h1>{texts.pair}</h1>
      <p role="status">{state.code ? texts.pairSays : texts.noCode}</p>
      {state.code && (
        <p className="code" dir="ltr">
          {state.code}
        </p>
      )}
    </main>
  )
}

type Showings = Speech & { shown: Shown; readAt: number; failing: boolean }

function Showing({ shown, readAt, failing, texts, words }: Showings) {
  const now = useClock()
  const [room] = shown.rooms
  const isWall = shown.kind === 'wall'
  return (
    <main className={isWall ? 'wall' : 'room'}>
      <header>
        <h1>{shown.name || texts.wall}</h1>
        <time className="clock" dateTime={new Date(now).toISOString()}>
          {words.time(now)}
        </time>
      </header>
      <p role="status" className={failing ? 'notice' : 'quiet'}>
        {failing && filled(texts.offline, { time: words.time(readAt) })}
      </p>
      {isWall && (
        <ul>
          {shown.rooms.map((one, index) => (
            <Tile key={`${index} ${one.name}`} room={one} now={now} texts={texts} words={words} />
          ))}
        </ul>
      )}
      {isWall && shown.rooms.length === 0 && <p>{texts.noRooms}</p>}
      {!isWall && room && <OneRoom room={room} now={now} texts={texts} words={words} />}
    </main>
  )
}

type InRoom = Speech & { room: ShownRoom; now: number }

function OneRoom({ room, now, texts, words }: InRoom) {
  if (!room.events) return <Unread texts={texts} />
  const at = roomNow(room.events, now)
  const { current, others, soon, later } = at
  const first = current ? undefined : soon
  const rest = later.filter((one) => one !== first)
  return (
    <>
      <section
        className={`now ${current ? 'is-busy' : 'is-free'}`}
        aria-label={current ? texts.busy : texts.free}
      >
        <State at={at} texts={texts} words={words} />
        {current && <p className="what">{titleOf(current, texts)}</p>}
        {others.map((one) => (
          <p key={`${one.start} ${one.end} ${one.event.joinLink}`}>
            {filled(texts.atOnce, { title: titleOf(one, texts) })}
          </p>
        ))}
        {first && (
          <p className="what">
            {titleOf(first, texts)} <small>{filled(texts.soon, { time: words.time(first.start) })}</small>
          </p>
        )}
        {current && <Join timed={current} word={texts.join} texts={texts} />}
        {first && <Join timed={first} word={texts.start} texts={texts} />}
      </section>
      <section aria-labelledby="later">
        <h2 id="later">{rest.length === 0 || current ? texts.later : texts.next}</h2>
        {rest.length === 0 && <p className="quiet">{texts.nothing}</p>}
        <ul>
          {rest.map((one) => (
            <li key={`${one.start} ${one.end} ${one.event.joinLink}`}>
              <time dateTime={one.event.start}>
                {one.event.allDay ? texts.allDay : words.range(one.start, one.end)}
              </time>
              <span>{titleOf(one, texts)}</span>
              {one === soon && <Join timed={one} word={texts.start} texts={texts} />}
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

function Tile({ room, now, texts, words }: InRoom) {
  const at = room.events && roomNow(room.events, now)
  return (
    <li className={at ? (at.current ? 'is-busy' : 'is-free') : ''}>
      <h2>{room.name}</h2>
      {at ? <State at={at} texts={texts} words={words} /> : <Unread texts={texts} />}
      {at?.current && <p className="what">{titleOf(at.current, texts)}</p>}
    </li>
  )
}

/** Free or busy, and until when: by a word and a shape, and not by colour alone. */
function State({ at, texts, words }: Speech & { at: RoomNow }) {
  const { current, until } = at
  return (
    <p className="state">
      <svg viewBox="0 0 24 24" aria-hidden="true" className="shape">
        {current ? <rect x="3" y="3" width="18" height="18" rx="3" /> : <circle cx="12" cy="12" r="9" />}
      </svg>
      <strong>{current ? texts.busy : texts.free}</strong>{' '}
      <span>{until === undefined ? texts.restOfDay : filled(texts.until, { time: words.time(until) })}</span>
    </p>
  )
}

const Unread = ({ texts }: { texts: RoomTexts }) => <p className="notice">{texts.notRead}</p>

const Join = ({ timed, word, texts }: { timed: Timed; word: string; texts: RoomTexts }) => (
  <JoinLink href={timed.event.joinLink} word={word} title={titleOf(timed, texts)} />
)

const titleOf = ({ event }: { event: RoomEvent }, texts: RoomTexts) => event.subject ?? texts.busy
