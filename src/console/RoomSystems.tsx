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
  save(room: Room, system: RoomSystemRequest): void
  working: boolean
}

/** Gives a room its room system, or another one, with the account of the device. */
export function GiveSystem({ rooms, save, working }: GiveProps) {
  const styles = useStyles()
  const [fault, setFault] = useState<string>()
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [host = '', user = '', pin = ''] = ['host', 'user', 'pin'].map((name) =>
      String(form.get(name)).trim(),
    )
    const password = String(form.get('password'))
    const room = rooms.find(({ objectId }) => objectId === form.get('room'))
    const isGood = host !== '' && user !== '' && password !== ''
    const isPin = /^([0-9a-f]{64})?$/i.test(pin.replace(/[\s:]/g, ''))
    setFault(isGood ? (isPin ? undefined : says.notPin) : says.notSystem)
    if (isGood && isPin && room && !working)
      save(room, { kind: 'cisco', host, user, password, pin, titles: form.get('titles') === 'on' })
  }
  return (
    <>
      <h2 className={styles.text}>{says.giveSystem}</h2>
      <p className={styles.text}>{says.giveSystemAbout}</p>
      <form aria-label={says.giveSystem} className={styles.form} onSubmit={submit} noValidate>
        <Field label={says.systemOf} className={styles.field}>
          <Select name="room">
            {rooms.map(({ name, objectId }) => (
              <option key={objectId} value={objectId}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Field
          label={says.host}
          className={styles.field}
          {...(fault && { validationState: 'error', validationMessage: fault })}
        >
          <Input name="host" autoComplete="off" spellCheck={false} />
        </Field>
        <Field label={says.user} className={styles.field}>
          <Input name="user" autoComplete="off" spellCheck={false} />
        </Field>
        <Field label={says.password} className={styles.field}>
          <Input name="password" type="password" autoComplete="new-password" />
        </Field>
        <Field label={says.pin} className={styles.field}>
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
