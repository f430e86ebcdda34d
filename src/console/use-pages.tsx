import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { texts } from './texts.ts'

const useStyles = makeStyles({
  pager: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
})

/** Where the pages of a list begin. Undefined: at the beginning of the list. */
export function usePages<Beginning extends string | number>() {
  /** The beginnings of the pages so far; the last one is shown. */
  const [beginnings, setBeginnings] = useState<(Beginning | undefined)[]>([undefined])
  return {
    /** Where the page that is shown begins. */
    beginning: beginnings.at(-1),
    isFirst: beginnings.length === 1,
    back: () => setBeginnings(beginnings.slice(0, -1)),
    to: (next: Beginning) => setBeginnings([...beginnings, next]),
    toFirst: () => setBeginnings([undefined]),
  }
}

interface PagerProps<Beginning extends string | number> {
  pages: ReturnType<typeof usePages<Beginning>>
  /** Where the next page begins. Undefined: this is the last one, or the service has not answered. */
  next: Beginning | undefined
  says?: { previous: string; next: string }
}

/** The buttons to the page before and to the next one, where there is one. */
export function Pager<Beginning extends string | number>({
  pages: { isFirst, back, to },
  next,
  says = texts.people,
}: PagerProps<Beginning>) {
  return (
    <div className={useStyles().pager}>
      {!isFirst && <Button onClick={back}>{says.previous}</Button>}
      {next !== undefined && <Button onClick={() => to(next)}>{says.next}</Button>}
    </div>
  )
}
