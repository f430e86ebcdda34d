import { atom } from 'nanostores'

/** A request with the facts of an appointment, as it left this device. */
export interface Sent {
  url: string
  /** The bytes of the body, as text. */
  body: string
  /** Whose calendar the request named, if it did. */
  owner: string | undefined
  /** Milliseconds since 1970. */
  at: number
  /** The mailbox that the request was about: only its panes show it. */
  mailbox: string
}

/** The last one of any page of this mailbox since this page was opened. It is kept in memory only. */
export const lastSent = atom<Sent | undefined>()

const channel = new BroadcastChannel('zoom meeting: sent')
channel.addEventListener('message', ({ data }: MessageEvent<Sent>) => {
  if (data.mailbox === ownMailbox()) lastSent.set(data)
})

/** Notes what has just been given to the network, for the panes. */
export function noteSent(sent: Pick<Sent, 'url' | 'body' | 'owner'>): void {
  const all = { ...sent, at: Date.now(), mailbox: ownMailbox() }
  lastSent.set(all)
  channel.postMessage(all)
}

const ownMailbox = () => Office.context.mailbox.userProfile.emailAddress
