/** One measured thing: what it is, the figures, and what we aim for. */
export type Row = readonly string[]

/** Prints a table; the first column is text, the others are figures. */
export function printTable(title: string, head: Row, rows: readonly Row[]): void {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  )
  const line = (row: Row) =>
    widths
      .map((width, column) =>
        column === 0 ? (row[0] ?? '').padEnd(width) : (row[column] ?? '').padStart(width),
      )
      .join('  ')
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  console.log(['', title, '', line(head), rule, ...rows.map(line)].join('\n'))
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half) - 1] ?? Number.NaN)) / 2
}

export const milliseconds = (figure: number) => `${Math.round(figure).toLocaleString('en')} ms`
export const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
export const percent = (share: number) => `${Math.round(share * 100)} %`
