import { useEffect, useMemo, useState } from 'react'
import { type Mailbox, type MailboxId, mailboxes } from '../../people.ts'
import { type Client, lackOfAddIns, type OutlookId, outlooks, refusal } from '../clients.ts'
import { Host } from '../host/host.ts'
import { launch } from '../host/launch-events.ts'
import type { Setting } from '../host/setting.ts'
import { type Appointment, fresh } from '../item/appointment.ts'
import { windowsName } from '../item/time-zones.ts'
import { type AddIn, read } from '../manifest.ts'
import { type Quirks, quirksFrom } from '../quirks.ts'
import { manifestText } from '../server.ts'
import { type OwnerId, owners } from '../shared-calendars.ts'

/** What the components get of this Outlook. */
export type Outlook = ReturnType<typeof useOutlook>

/** The parameters in the page's address. The choosers change them too. */
const asked = new URLSearchParams(location.search)

/** The state of this Outlook: setting, add-in and open appointment. */
export function useOutlook() {
  const [chosen, setChosen] = useState(() =>
    openable({
      client: named(outlooks, 'client') ?? 'web',
      mailboxId: named(mailboxes, 'mailbox') ?? 'exchange-online',
      sharedFrom: named(owners, 'sharedFrom'),
      quirks: quirksFrom(asked),
    }),
  )
  const setting = useMemo(() => settingOf(chosen), [chosen])
  const { addIn: installed, missing } = useAddIn(setting)
  const addIn = useMemo(() => installed && shown(installed, setting), [installed, setting])
  const [appointment, setAppointment] = useState<Appointment | null>(() => start(setting))
  const [small, setSmall] = useState(false)
  const [notice, setNotice] = useState('')

  const host = useMemo(() => {
    const backstage = document.getElementById('backstage')
    if (!addIn || !appointment || !backstage) return null
    const leave = (said: string) => {
      setNotice(said)
      setAppointment(null)
    }
    return new Host(setting, small ? asleep(addIn) : addIn, appointment, backstage, leave)
  }, [addIn, appointment, setting, small])
  useEffect(() => {
    const close = host?.open()
    if (host && !host.item.appointment.id) launch(host, 'OnNewAppointmentOrganizer')
    return close
  }, [host])

  const show = (one: Appointment | null, inSmallForm = false) => {
    setNotice('')
    setSmall(inSmallForm)
    setAppointment(one)
  }
  return {
    host,
    addIn,
    missing: missing || (lackOfAddIns(setting.client, setting.mailbox) ?? ''),
    notice,
    setting,
    ...chosen,
    choose(change: Partial<Chosen>) {
      const next = openable({ ...chosen, ...change })
      remember({
        client: next.client,
        mailbox: next.mailboxId,
        sharedFrom: next.sharedFrom,
        ids: next.quirks.ids === 'stable' ? undefined : next.quirks.ids,
        missing: next.quirks.missing.join() || undefined,
        throwing: next.quirks.throwing.join() || undefined,
        offline: next.quirks.offline ? '' : undefined,
      })
      setChosen(next)
      const stays = next.mailboxId === chosen.mailboxId && next.sharedFrom === chosen.sharedFrom
      setAppointment(stays ? (host?.item.appointment ?? null) : start(settingOf(next)))
    },
    say: setNotice,
    open: show,
    write: (inSmallForm = false) => show(start(setting), inSmallForm),
    showCalendar: () => show(null),
  }
}

/** Writes the choices into the page's address. */
function remember(parameters: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(parameters))
    if (value === undefined) asked.delete(name)
    else asked.set(name, value)
  history.replaceState(null, '', `?${asked}`)
}

interface Chosen {
  client: OutlookId
  mailboxId: MailboxId
  /** The calendar's owner; undefined: the person. */
  sharedFrom: OwnerId | undefined
  quirks: Quirks
}

interface Opened extends Chosen {
  /** Why the mailbox in the address was not opened. */
  refused: string | undefined
}

/** If a client does not open the mailbox, the first mailbox is used. Phones open the person's own calendar only. */
function openable({ client, mailboxId, sharedFrom, quirks }: Chosen): Opened {
  const refused = refusal(outlooks[client], mailboxes[mailboxId])
  return {
    client,
    mailboxId: refused ? 'exchange-online' : mailboxId,
    sharedFrom: outlooks[client].sharedFolders ? sharedFrom : undefined,
    quirks,
    refused,
  }
}

function settingOf({ client: clientId, mailboxId, sharedFrom, quirks }: Chosen): Setting {
  const client: Client = outlooks[clientId]
  const mailbox: Mailbox = mailboxes[mailboxId]
  const computer = asked.get('computerTimeZone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return {
    client,
    mailboxId,
    mailbox,
    language: asked.get('lang') ?? 'en-US',
    timeZone: client.clock === 'mailbox' ? mailbox.timeZone : windowsName(computer),
    ...(sharedFrom ? { owner: owners[sharedFrom] } : {}),
    quirks,
  }
}

/** Some clients have no add-ins for a mailbox. In another person's calendar one runs only if its manifest says so. */
function shown(addIn: AddIn, { owner, client, mailbox }: Setting): AddIn {
  const isAsleep = client.plugIn || lackOfAddIns(client, mailbox) || (owner && !addIn.sharedFolders)
  return isAsleep ? asleep(addIn) : addIn
}

/** The add-in where it has no buttons and is never woken. */
const asleep = (addIn: AddIn): AddIn => ({ ...addIn, buttons: [], launchEvents: null })

const start = ({ timeZone }: Setting) => fresh(timeZone, Date.now(), asked)

interface Found {
  addIn: AddIn | null
  missing: string
}

/** Reads the client's part of the add-in's manifest. Without a manifest, Outlook has no add-in. */
function useAddIn({ client: { formFactor }, language }: Setting): Found {
  const [{ of, ...found }, setFound] = useState<Found & { of?: string }>(nothingYet)
  useEffect(() => {
    manifestText()
      .then((xml) =>
        xml ? { addIn: read(xml, language, formFactor), missing: '' } : without('There is no manifest.'),
      )
      .catch((error: unknown) => without(String(error)))
      .then((all) => setFound({ ...all, of: formFactor }))
  }, [language, formFactor])
  return of === formFactor ? found : nothingYet
}

const nothingYet: Found = { addIn: null, missing: '' }

const without = (why: string): Found => ({
  missing: why,
  addIn: {
    id: '',
    name: 'No add-in',
    permissions: '',
    appDomains: [],
    buttons: [],
    functionFile: null,
    launchEvents: null,
    sharedFolders: false,
    images: {},
  },
})

function named<T extends object>(rows: T, name: string): keyof T | undefined {
  const id = asked.get(name)
  return id && id in rows ? (id as keyof T) : undefined
}
