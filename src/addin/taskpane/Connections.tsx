import { makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { connectionsTexts } from '../texts/connections.ts'
import Connection from './Connection.tsx'
import { Disclosure } from './Disclosure.tsx'
import { Icon } from './Icon.tsx'
import type { useConnection } from './use-connection.ts'

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
})

type Found = NonNullable<ReturnType<typeof useConnection>>

/** What the person can connect, behind a button that says what is connected. It is open if a connection has ended. */
export default function Connections({ all }: { all: readonly Found[] }) {
  const styles = useStyles()
  const texts = connectionsTexts.get()
  const [isOpen, setOpen] = useState<boolean>()
  if (isOpen === undefined && all.some(hasEnded)) setOpen(true)
  const told = new Set(all.flatMap(({ isNew, said, sync }) => (isNew ? [sync] : [said, sync])))
  const isNothing = all.every(({ isNew, isRead, sync }) => isNew && isRead && !sync)
  return (
    <Disclosure
      icon={<Icon name="connections" />}
      label={texts.label}
      more={isNothing ? texts.none : [...told].filter(Boolean).join(' ')}
      isOpen={isOpen ?? false}
      toggle={() => setOpen(!isOpen)}
    >
      <div className={styles.list}>
        {all.map((one) => (
          <Connection key={one.provider} {...one} />
        ))}
      </div>
    </Disclosure>
  )
}

/** Or it may have moved, which the sentence about meetings says then. */
const hasEnded = ({ isOwn, sync, wayOut }: Found) => (isOwn || sync !== undefined) && wayOut === 'connect'
