/** One event of a stream of server-sent events (WHATWG HTML, "Server-sent events"). */
export interface Hint {
  event: string
  data: string
  /** The last id of the stream so far. */
  id: string | undefined
}

/** Characters of one line. A longer one is not from the service. */
const longestLine = 10_000

/**
 * Reads a stream of server-sent events until it ends. `heard` is called with every part that comes, heartbeats included.
 * `retry`: milliseconds before the next connection, when the stream says so.
 */
export async function* hintsIn(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
  retry: (milliseconds: number) => void,
): AsyncGenerator<Hint> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader()
  let rest = ''
  let id: string | undefined
  let event = ''
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      heard()
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      if (rest.length > longestLine) throw new Error('A line of the stream is too long')
      for (const line of lines) {
        if (line === '') {
          // An event without data is one here: hints have none.
          if (event) yield { event, data: data.join('\n'), id }
          event = ''
          data = []
          continue
        }
        const [, field, text = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
        if (field === 'event') event = text
        else if (field === 'data') data.push(text)
        else if (field === 'id' && !text.includes('\0')) id = text
        else if (field === 'retry' && /^\d+$/.test(text)) retry(Number(text))
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
