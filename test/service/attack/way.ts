import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a network loses without a word: all, or PostgreSQL's answers only. */
type Lost = 'everything' | 'answers'

export type Way = Awaited<ReturnType<typeof openWay>>

/** A way to PostgreSQL that can be closed, which ends its connections, or fall silent, which nobody is told. */
export async function openWay(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const passing = new Set<Socket>()
  /** What the connections of now lose from now on. */
  let losing: { lost?: Lost } = {}
  let silentAt: string | undefined
  let breaksAfter: string | undefined
  let messages = 0
  let refused = 0

  function silence(lost: Lost = 'everything') {
    silentAt = undefined
    losing.lost = lost
  }

  const server = createServer((from) => {
    if (refused > 0) {
      refused--
      return void from.destroy()
    }
    const to = connect(Number(target.port), target.hostname)
    const mine = losing
    let breaking = false
    for (const socket of [from, to]) {
      passing.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        passing.delete(socket)
        if (mine.lost) return
        from.destroy()
        to.destroy()
      })
    }
    from.on('data', (bytes) => {
      if (silentAt && bytes.includes(silentAt)) silence()
      if (breaksAfter && bytes.includes(breaksAfter)) {
        breaksAfter = undefined
        breaking = true
      }
      if (mine.lost) messages++
      if (mine.lost !== 'everything') to.write(bytes)
    })
    to.on('data', (bytes) => {
      if (breaking) return void from.destroy()
      if (!mine.lost) from.write(bytes)
    })
  })
  const open = async (port = 0) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = () => {
    server.close()
    for (const socket of passing) socket.destroy()
  }
  await open()
  onTestFinished(close)
  const url = new URL(databaseUrl)
  const port = (server.address() as { port: number }).port
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return {
    url: url.href,
    close,
    open: () => open(port),
    /** Ends the connections, and refuses so many new ones. */
    refuse(count: number) {
      refused = count
      for (const socket of passing) socket.destroy()
    },
    /** How many are still to be refused. */
    toRefuse: () => refused,
    /** Connections stay open, and new ones can be made. */
    silence,
    /** The same, from the first message to PostgreSQL that has this text. It is lost too. */
    silenceAt(text: string) {
      silentAt = text
    },
    /** PostgreSQL does what the next message with this text says, and the connection breaks before its answer. */
    breakAfter(text: string) {
      breaksAfter = text
    },
    /** How many messages to PostgreSQL have been lost, or their answers. */
    lost: () => messages,
    /** What falls silent stays silent. New connections pass. */
    speak() {
      losing = {}
    },
  }
}
