import { Button } from '@fluentui/react-components'
import { useEffect, useId, useRef } from 'react'
import { Problem, type ProblemCode } from '../contract/problems.ts'
import { Card, List, PersonLink, Status } from './parts.tsx'
import { texts } from './texts.ts'
import type { Result, useRevoking } from './use-revoking.ts'

const { revoking: says } = texts

/** How far it is, and what became of each person. */
export function Revoking({ total, results, failed, running, revoke }: ReturnType<typeof useRevoking>) {
  const id = useId()
  const status = useRef<HTMLParagraphElement>(null)
  // The button that began it is gone.
  useEffect(() => {
    if (running) status.current?.focus()
  }, [running])
  if (total === 0) return null
  return (
    <Card name={says.heading}>
      <Status ref={status} id={id}>
        {running ? says.progress(results.length, total) : says.result(total - failed.length, failed.length)}
      </Status>
      {running && <progress aria-labelledby={id} value={results.length} max={total} />}
      {failed.length > 0 && !running && (
        <Button size="small" onClick={() => revoke(failed.map(({ subject }) => subject))}>
          {says.again}
        </Button>
      )}
      <List>
        {results.map((result) => (
          <li key={result.subject}>
            <PersonLink subject={result.subject} />
            {texts.colon}
            {result.revoked ? says.done : reasonOf(result)}
          </li>
        ))}
      </List>
    </Card>
  )
}

const reasonOf = ({ code = 'unexpected', why }: Result) =>
  texts.problem(new Problem(code as ProblemCode, why ? { title: why } : {}))
