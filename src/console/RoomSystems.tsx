import { Button, Checkbox, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { Confirm } from '../browser/Confirm.tsx'
import type { Room, RoomSystemRequest } from '../contract/admin-rooms.ts'
import { when } from './language.ts'
import { texts } from './texts.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  field: { flexGrow: 1, minWidth: 'min(14rem, 100%)' },
})

const { rooms: says } = texts

interface SystemProps {
  room: Room
  isAdmin: boolean
  working: boolean
  remove(room: Room): void
}

/** How it is with the room system of a room. */
export function System({ room, isAdmin, working, remove }: SystemProps) {
  const { system, name } = room
  if (!system) return says.noSystem
  return (
    <>
      {says.kinds[system.kind]} <bdi dir="ltr">{system.host}</bdi>
      <br />
      {says.systemStates[system.state]} {says.systemSince(when(system.since))}
      {isAdmin && (
        <Confirm
          label={says.removeSystem}
          name={says.removeSystem + texts.colon + name}
          question={says.removeSystemQuestion}
          yes={says.removeSystemYes}
          no={says.removeSystemNo}
          busy={working}
          act={() => remove(room)}
        />
      )}
    </>
  )
}

interface GiveProps {
  rooms: readonly Room[]
  /** Resolves with whether it is saved. */
  save(room: Room, system: RoomSystemRequest): Promise<boolean>
  working: boolean
}

/** Gives a room its room system, or another one, with the account of the device. */
export function GiveSystem({ rooms, save, working }: GiveProps) {
  const styles = useStyles()
  const [fault, setFault] = useState<Fault>()
  const [chosen, setChosen] = useState<string>()
  const [saves, setSaves] = useState(0)
  const room = rooms.find(({ objectId }) => objectId === chosen) ?? rooms[0]
  const faultAt = (field: Fault['field']) =>
    fault?.field === field && { validationState: 'error' as const, validationMessage: fault.says }
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const { currentTarget } = event
    const form = new FormData(currentTarget)
    const [host = '', user = '', pin = ''] = ['host', 'user', 'pin'].map((name) =>
      String(form.get(name)).trim(),
    )
    const system = { host, user, password: String(form.get('password')), pin }
    const wrong = faultOf(system)
    setFault(wrong)
    if (wrong) return (currentTarget.elements.namedItem(wrong.field) as HTMLInputElement).focus()
    if (!room || working) return
    const isSaved = await save(room, { kind: 'cisco', ...system, titles: form.get('titles') === 'on' })
    // The form begins again: the password is shown to nobody who comes later.
    if (isSaved) setSaves(saves + 1)
  }
  return (
    <>
      <h2 className={styles.text}>{says.giveSystem}</h2>
      <p className={styles.text}>{says.giveSystemAbout}</p>
      <form
        key={saves}
        aria-label={says.giveSystem}
        className={styles.form}
        onSubmit={(event) => void submit(event)}
        noValidate
      >
        <Field
          label={says.systemOf}
          className={styles.field}
          {...(room?.system && {
            validationState: 'warning',
            validationMessage: says.hasSystem(room.system.host),
          })}
        >
          <Select value={room?.objectId ?? ''} onChange={(_, { value }) => setChosen(value)}>
            {rooms.map(({ name, objectId }) => (
              <option key={objectId} value={objectId}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={says.host} className={styles.field} {...faultAt('host')}>
          <Input name="host" autoComplete="off" spellCheck={false} />
        </Field>
        <Field label={says.user} className={styles.field} {...faultAt('user')}>
          <Input name="user" autoComplete="off" spellCheck={false} />
        </Field>
        <Field label={says.password} className={styles.field} {...faultAt('password')}>
          <Input name="password" type="password" autoComplete="new-password" />
        </Field>
        <Field label={says.pin} className={styles.field} {...faultAt('pin')}>
          <Input name="pin" autoComplete="off" spellCheck={false} />
        </Field>
        <Checkbox name="titles" defaultChecked label={says.titles} />
        <Button type="submit" disabledFocusable={working}>
          {says.saveSystem}
        </Button>
      </form>
    </>
  )
}

interface Fault {
  field: 'host' | 'user' | 'password' | 'pin'
  says: string
}

function faultOf(system: Record<Fault['field'], string>): Fault | undefined {
  const missing = (['host', 'user', 'password'] as const).find((field) => system[field] === '')
  if (missing) return { field: missing, says: says.notSystem }
  const isPin = /^([0-9a-f]{64})?$/i.test(system.pin.replace(/[\s:]/g, ''))
  return isPin ? undefined : { field: 'pin', says: says.notPin }
}
