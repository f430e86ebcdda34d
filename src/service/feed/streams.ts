import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type Ending, heartbeatSeconds } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'

/** What an app is told: to read the calendar again, or to ask first how it does. */
export type Told = 'changed' | 'access'
export const eitherOf = (one: Told | undefined, other: Told): Told => (one === 'access' ? one : other)

/** An open answer of `GET /feed/hints`. */
interface Stream {
  readonly answer: ServerResponse
  readonly subject: string
  readonly session: string
  /** The reader is slow: what was written has not been taken. */
  isFull: boolean
  /** What a slow reader is told when it reads again: one hint stands for all. */
  owes: Told | undefined
  /** Heartbeats that a slow reader was not sent. */
  silent: number
}

/** Streams that one session, and one person, may have in a process. */
const [mostOfSession, mostOfPerson] = [4, 40]
/** People of whom the last hint is known. More are forgotten together. */
const mostKnown = 50_000
/** Milliseconds in which one stream gets one hint. */
const between = 250
/** Rounds of heartbeats for which a reader may take nothing. */
const mostSilent = 3

export type Streams = ReturnType<typeof streams>

/**
 * The open streams of hints of this process. A hint says that something has changed, and never what. `stillThere`: which of
 * these sessions have not ended.
 */
export function streams(stillThere: (sessions: readonly string[]) => Promise<ReadonlySet<string>>) {
  const ofPeople = new Map<string, Set<Stream>>()
  /** A part of the streams gets its heartbeat each second. */
  const parts = Array.from({ length: heartbeatSeconds }, () => new Set<Stream>())
  /** The id of the last hint of each person. Without one, `beginning` stands for: none since this process listens. */
  let last = new Map<string, string>()
  let beginning = newId()
  let [opened, second] = [0, 0]
  let timer: NodeJS.Timeout | undefined
  /** Who was told a moment ago, and what there is more to tell. */
  const told = new Map<string, Told | undefined>()

  function write(stream: Stream, bytes: string | Buffer): void {
    if (stream.answer.write(bytes)) return
    stream.isFull = true
    stream.answer.once('drain', () => {
      stream.isFull = false
      stream.silent = 0
      const { owes } = stream
      stream.owes = undefined
      if (owes) tell(stream, owes)
    })
  }

  const idOf = (subject: string) => last.get(subject) ?? beginning

  /** All streams of a person are sent the same bytes. */
  function hintFor(subject: string, what: Told): Buffer {
    const first = what === 'access' ? 'event: access\ndata:\n\n' : ''
    return Buffer.from(`${first}event: changed\nid: ${idOf(subject)}\ndata:\n\n`)
  }

  function tell(stream: Stream, what: Told, hint = hintFor(stream.subject, what)): void {
    if (stream.isFull) stream.owes = eitherOf(stream.owes, what)
    else write(stream, hint)
  }

  function tellAll(subject: string, what: Told): void {
    const hint = hintFor(subject, what)
    for (const stream of ofPeople.get(subject) ?? []) tell(stream, what, hint)
  }

  /** The first hint at once, and one for all that follow within a moment. */
  function tellSoon(subject: string, what: Told): void {
    if (!ofPeople.has(subject)) return
    if (told.has(subject)) told.set(subject, eitherOf(told.get(subject), what))
    else {
      tellAll(subject, what)
      rest(subject)
    }
  }

  function rest(subject: string): void {
    told.set(subject, undefined)
    setTimeout(() => {
      const more = told.get(subject)
      if (more) {
        tellAll(subject, more)
        rest(subject)
      } else told.delete(subject)
    }, between).unref()
  }

  function end(stream: Stream, ending: Ending): void {
    const pause = ending === 'reconnect' ? `retry: ${1_000 + Math.floor(Math.random() * 9_000)}\n` : ''
    const text = `${pause}event: ended\ndata: ${ending}\n\n`
    // A reader that takes nothing would keep the answer open.
    if (stream.isFull) stream.answer.destroy()
    else stream.answer.end(text)
    forget(stream)
  }

  function forget(stream: Stream): void {
    for (const part of parts) part.delete(stream)
    const others = ofPeople.get(stream.subject)
    others?.delete(stream)
    if (others?.size === 0) ofPeople.delete(stream.subject)
    if (ofPeople.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }

  function beat(): void {
    const part = parts[second++ % heartbeatSeconds] as Set<Stream>
    if (part.size === 0) return
    for (const stream of part) {
      if (!stream.isFull) write(stream, ':\n\n')
      else if (++stream.silent >= mostSilent) {
        stream.answer.destroy()
        forget(stream)
      }
    }
    // Nobody may have said that a session has ended: it expired, or the message was lost.
    const sessions = new Set([...part].map(({ session }) => session))
    stillThere([...sessions]).then(
      (there) => {
        for (const stream of part) if (!there.has(stream.session)) end(stream, 'session_ended')
      },
      () => {},
    )
  }

  return {
    /**
     * Answers with a stream. `since`: the id of the last hint that the app has had. Throws `too_many_requests`.
     */
    open(
      answer: ServerResponse,
      { subject, session }: { subject: string; session: string },
      since?: string,
    ): void {
      const others = ofPeople.get(subject) ?? new Set()
      const ofSession = [...others].filter((one) => one.session === session).length
      if (ofSession >= mostOfSession || others.size >= mostOfPerson)
        throw new Problem('too_many_requests', { retryAfter: 60 })
      const stream = { answer, subject, session, isFull: false, owes: undefined, silent: 0 }
      ofPeople.set(subject, others.add(stream))
      parts[opened++ % heartbeatSeconds]?.add(stream)
      timer ??= setInterval(beat, 1_000).unref()
      answer.once('close', () => forget(stream))
      answer.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
      write(stream, 'retry: 3000\n\n')
      // What it has missed may be about its access too.
      if (since !== idOf(subject)) tell(stream, since === undefined ? 'changed' : 'access')
    },

    /** Something of this person has changed. `id`: names the hint in every process. */
    changed(subject: string, id: string, what: Told = 'changed'): void {
      if (last.size >= mostKnown) {
        last = new Map()
        beginning = newId()
      }
      last.set(subject, id)
      tellSoon(subject, what)
    },

    /** Hints may have been missed, of anybody. */
    doubt(): void {
      last = new Map()
      beginning = newId()
      for (const subject of ofPeople.keys()) tellAll(subject, 'access')
    },

    endSession(session: string): void {
      for (const all of ofPeople.values())
        for (const stream of all) if (stream.session === session) end(stream, 'session_ended')
    },

    endPerson(subject: string, ending: Ending): void {
      for (const stream of [...(ofPeople.get(subject) ?? [])]) end(stream, ending)
    },

    /** The process stops. Apps connect again, to another one, and not all in the same second. */
    stop(): void {
      for (const all of [...ofPeople.values()]) for (const stream of [...all]) end(stream, 'reconnect')
    },

    count: () => [...ofPeople.values()].reduce((sum, { size }) => sum + size, 0),
  }
}

/** The form of an id, so that nothing else is compared. */
export const hintId = /^[A-Za-z0-9_-]{16}$/
export const newId = () => randomBytes(12).toString('base64url')
