import { Button } from '@fluentui/react-components'
import { useEffect, useId, useRef } from 'react'
import { Card, List, PersonLink, Status } from './parts.tsx'
import { texts } from './texts.ts'
import type { useRevoking } from './use-revoking.ts'

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
        {results.map(({ subject, revoked, why }) => (
          <li key={subject}>
            <PersonLink subject={subject} />: {revoked ? says.done : why}
          </li>
        ))}
      </List>
    </Card>
  )
}
