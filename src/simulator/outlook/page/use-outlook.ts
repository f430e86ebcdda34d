import { useEffect, useMemo, useState } from 'react'
import { type MailboxId, mailboxes } from '../../mailboxes.ts'
import { type ClientId, clients } from '../clients.ts'
import { Host } from '../host/host.ts'
import { launch } from '../host/launch-events.ts'
import { type Appointment, fresh } from '../item/appointment.ts'
import { type AddIn, read } from '../manifest.ts'
import { manifestText } from '../server.ts'

/** What the page's address asks for; the choosers write there too. */
const asked = new URLSearchParams(location.search)

/** This Outlook: whose it is, what is open in it, and the add-in it has. */
export function useOutlook() {
  const [client, setClient] = useState<ClientId>(chosen(clients, 'client', 'web'))
  const [mailboxId, setMailbox] = useState<MailboxId>(chosen(mailboxes, 'mailbox', 'exchange-online'))
  const language = asked.get('lang') ?? 'en-US'
  const { addIn, missing } = useAddIn(language)
  const [appointment, setAppointment] = useState<Appointment | null>(() => start(mailboxId))
  const [notice, setNotice] = useState('')

  const host = useMemo(() => {
    const backstage = document.getElementById('backstage')
    if (!addIn || !appointment || !backstage) return null
    const setting = { client: clients[client], mailboxId, mailbox: mailboxes[mailboxId], language }
    const leave = (said: string) => {
      setNotice(said)
      setAppointment(null)
    }
    return new Host(setting, addIn, appointment, backstage, leave)
  }, [addIn, appointment, client, mailboxId, language])
  useEffect(() => {
    const close = host?.open()
    if (host && !host.item.appointment.id) launch(host, 'OnNewAppointmentOrganizer')
    return close
  }, [host])

  return {
    host,
    addIn,
    missing,
    notice,
    language,
    client,
    mailboxId,
    choose(name: 'client' | 'mailbox', id: string) {
      asked.set(name, id)
      history.replaceState(null, '', `?${asked}`)
      if (name === 'client') {
        setClient(id as ClientId)
        setAppointment(host?.item.appointment ?? null)
      } else {
        setMailbox(id as MailboxId)
        setAppointment(start(id as MailboxId))
      }
    },
    open(one: Appointment) {
      setNotice('')
      setAppointment(one)
    },
    write() {
      setNotice('')
      setAppointment(start(mailboxId))
    },
    showCalendar() {
      setNotice('')
      setAppointment(null)
    },
  }
}

const start = (mailbox: MailboxId) => fresh(mailboxes[mailbox], Date.now(), asked)

/** Reads the add-in's manifest. Without one there is an Outlook without an add-in. */
function useAddIn(language: string): { addIn: AddIn | null; missing: string } {
  const [found, setFound] = useState<{ addIn: AddIn | null; missing: string }>({ addIn: null, missing: '' })
  useEffect(() => {
    manifestText()
      .then((xml) => (xml ? { addIn: read(xml, language), missing: '' } : without('There is no manifest.')))
      .catch((error: unknown) => without(String(error)))
      .then(setFound)
  }, [language])
  return found
}

const without = (why: string): { addIn: AddIn; missing: string } => ({
  missing: why,
  addIn: {
    id: '',
    name: 'No add-in',
    permissions: '',
    appDomains: [],
    buttons: [],
    functionFile: null,
    launchEvents: null,
    images: {},
  },
})

function chosen<T extends object, D extends keyof T>(rows: T, name: string, otherwise: D): keyof T {
  const id = asked.get(name)
  return id && id in rows ? (id as keyof T) : otherwise
}
