import { makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import type { MailboxId } from '../../people.ts'
import { inbox, type Message } from '../server.ts'
import { Drawer, useListStyle } from './Drawer.tsx'

const useStyles = makeStyles({
  entry: {
    display: 'flex',
    flexDirection: 'column',
    padding: `${tokens.spacingVerticalS} 0`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: 'anywhere',
    whiteSpace: 'pre-wrap',
  },
})

/** The messages that were put into the Inbox of a mailbox on the Exchange server, the newest first. */
export function InboxDrawer({ mailbox, close }: { mailbox: MailboxId; close(): void }) {
  const styles = useStyles()
  const messages = useMessages(mailbox)
  return (
    <Drawer name="Inbox" status={statusOf(messages)} close={close}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ul className={useListStyle()} tabIndex={0} aria-label="Messages">
        {messages &&
          [...messages].reverse().map(({ subject, text }) => (
            <li key={subject} className={styles.entry}>
              <Subtitle2>{subject}</Subtitle2>
              <Text>{text}</Text>
            </li>
          ))}
      </ul>
    </Drawer>
  )
}

function statusOf(messages: Message[] | undefined): string {
  if (!messages) return 'Asking the Exchange server …'
  if (messages.length === 0) return 'The Inbox has no messages.'
  return messages.length === 1 ? 'The Inbox has 1 message.' : `The Inbox has ${messages.length} messages.`
}

/** ms between two looks at the Inbox. */
const often = 500

function useMessages(mailbox: MailboxId) {
  const [messages, setMessages] = useState<Message[]>()
  useEffect(() => {
    const look = () => inbox(mailbox).then(setMessages).catch(console.error)
    look()
    const timer = setInterval(look, often)
    return () => clearInterval(timer)
  }, [mailbox])
  return messages
}
