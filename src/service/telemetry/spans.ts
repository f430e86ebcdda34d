/** What a span is about: a request that came, a job that was taken, work that was due. */
export type SpanKind = 'request' | 'job' | 'work'

/** Work that is seen as spans. What it logs meanwhile is part of its span. */
export interface Spans {
  /** Runs `act` within a span of this name, and answers with what it returns. */
  within<T>(kind: SpanKind, name: string, act: () => Promise<T>): Promise<T>
}

/** Nobody looks. */
export const noSpans: Spans = { within: (_kind, _name, act) => act() }
