interface Props {
  href: string | undefined
  /** What is written on it: `Join`. */
  word: string
  /** Of the meeting: a screen reader says it too. */
  title: string
}

/** Joins a meeting in a window of its own. Without an address: nothing. */
export function JoinLink({ href, word, title }: Props) {
  if (!href) return null
  return (
    <a className="join" href={href} target="_blank" rel="noopener noreferrer" aria-label={`${word} ${title}`}>
      {word}
    </a>
  )
}
