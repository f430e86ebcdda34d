import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useCallback, useState } from 'react'
import { Confirm } from '../browser/Confirm.tsx'
import type { SignedIn } from '../contract/admin.ts'
import type {
  Rooms as All,
  PairingRequest,
  Place,
  Room,
  RoomRequest,
  RoomScreen,
  RoomSystemRequest,
} from '../contract/admin-rooms.ts'
import { codeIn } from '../contract/rooms.ts'
import { when } from './language.ts'
import { Failure, Pending, Status, Table } from './parts.tsx'
import { GiveSystem, System } from './RoomSystems.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useActs } from './use-acts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  field: { flexGrow: 1, minWidth: 'min(14rem, 100%)' },
  list: {
    margin: 0,
    padding: 0,
    listStyle: 'none',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'start',
    gap: tokens.spacingVerticalXS,
  },
})

const { rooms: says } = texts

/** The rooms that administrators have added, and the screens that show them. */
export function Rooms({ service, me }: { service: Service; me: SignedIn }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.rooms(), [service]))
  const { run, working, done, refused, status, failure } = useActs(again)
  const acts = actsOf(service, run)
  const isAdmin = me.role === 'Admin'
  const { room, place, state, screens, system, change } = says.columns
  const columns = [room, place, state, screens, ...(answer?.systemsOn ? [system] : [])]
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      <Status ref={status}>{working ? texts.mailboxes.working : done}</Status>
      {refused && <Failure ref={failure} problem={refused} />}
      <Pending answer={answer} problem={problem} again={again} />
      {answer?.rooms.length === 0 && <p className={styles.text}>{says.none}</p>}
      {answer && answer.rooms.length > 0 && (
        <Table name={says.heading} columns={[...columns, ...(isAdmin ? [change] : [])]}>
          {answer.rooms.map((one) => (
            <tr key={one.objectId}>
              <td>
                <strong>{one.name}</strong>
                <br />
                <bdi dir="ltr">{one.address}</bdi>
              </td>
              <td>{placeOf(one)}</td>
              <td>
                {one.mailbox ? texts.state('microsoft-application', one.mailbox.state) : says.notConnected}
              </td>
              <td>
                <Screens screens={one.screens} isAdmin={isAdmin} working={working} acts={acts} />
              </td>
              {answer.systemsOn && (
                <td>
                  <System room={one} isAdmin={isAdmin} working={working} remove={acts.removeSystem} />
                </td>
              )}
              {isAdmin && (
                <td>
                  <Confirm
                    label={says.remove}
                    name={says.remove + texts.colon + one.name}
                    question={says.question}
                    yes={says.yes}
                    no={says.no}
                    busy={working}
                    act={() => acts.remove(one)}
                  />
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      {answer && answer.walls.length > 0 && (
        <>
          <h2 className={styles.text}>{says.walls}</h2>
          <ul className={styles.list}>
            {answer.walls.map((one) => (
              <li key={one.id}>
                {placeOf(one) || says.everyRoom}
                {texts.colon}
                <Screens screens={[one]} isAdmin={isAdmin} working={working} acts={acts} />
              </li>
            ))}
          </ul>
        </>
      )}
      {isAdmin && answer && answer.rooms.length > 0 && (
        <PairScreen all={answer} pair={acts.pair} working={working} />
      )}
      {isAdmin && answer?.systemsOn && answer.rooms.length > 0 && (
        <GiveSystem rooms={answer.rooms} save={acts.saveSystem} working={working} />
      )}
      {isAdmin && answer && <AddRooms service={service} known={answer.rooms} acts={acts} working={working} />}
    </>
  )
}

type Acts = ReturnType<typeof actsOf>

interface ScreensProps {
  screens: readonly RoomScreen[]
  isAdmin: boolean
  working: boolean
  acts: Acts
}

function Screens({ screens, isAdmin, working, acts }: ScreensProps) {
  const styles = useStyles()
  if (screens.length === 0) return says.noScreen
  return (
    <ul className={styles.list}>
      {screens.map(({ id, seenAt }) => (
        <li key={id}>
          {says.screen(when(seenAt))}{' '}
          {isAdmin && (
            <Button
              size="small"
              disabledFocusable={working}
              aria-label={`${says.removeScreen} ${id}`}
              onClick={() => acts.removeScreen(id)}
            >
              {says.removeScreen}
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}

interface PairProps {
  all: All
  pair(asked: PairingRequest, name: string): void
  working: boolean
}

/** Says what a screen shows whose code the administrator types. */
function PairScreen({ all, pair, working }: PairProps) {
  const styles = useStyles()
  const [fault, setFault] = useState<string>()
  const choices = choicesIn(all.rooms)
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const code = codeIn(String(form.get('code')))
    const choice = choices[Number(form.get('shows'))]
    setFault(code ? undefined : says.notCode)
    if (code && choice && !working) pair({ code, ...choice.asked }, choice.name)
  }
  return (
    <>
      <h2 className={styles.text}>{says.pair}</h2>
      <p className={styles.text}>{says.pairAbout(`${location.origin}/room/`)}</p>
      <form aria-label={says.pair} className={styles.form} onSubmit={submit}>
        <Field
          label={says.code}
          className={styles.field}
          {...(fault && { validationState: 'error', validationMessage: fault })}
        >
          <Input name="code" autoComplete="off" spellCheck={false} />
        </Field>
        <Field label={says.shows} className={styles.field}>
          <Select name="shows">
            {choices.map(({ name }, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Button type="submit" appearance="primary" disabledFocusable={working}>
          {says.pairButton}
        </Button>
      </form>
    </>
  )
}

/** Each room; then all rooms of each floor and building, and all. */
function choicesIn(rooms: readonly Room[]): { name: string; asked: Omit<PairingRequest, 'code'> }[] {
  const places = new Map<string, { building: string; floor?: string }>()
  for (const { building, floor } of rooms) {
    if (building) places.set(building, { building })
    if (building && floor) places.set(placeOf({ building, floor }), { building, floor })
  }
  return [
    ...rooms.filter(({ address }) => address).map(({ name, address }) => ({ name, asked: { address } })),
    ...[...places].sort().map(([name, asked]) => ({ name: says.roomsOf(name), asked })),
    { name: says.everyRoom, asked: {} },
  ]
}

interface AddProps {
  service: Service
  known: readonly Room[]
  acts: Acts
  working: boolean
}

/** Picks rooms from the directory, or adds one by its address. */
function AddRooms({ service, known, acts, working }: AddProps) {
  const styles = useStyles()
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <h2 className={styles.text}>{says.add}</h2>
      {isOpen ? (
        <Places service={service} known={known} acts={acts} working={working} />
      ) : (
        <div>
          <Button onClick={() => setOpen(true)}>{says.readPlaces}</Button>
        </div>
      )}
      <ByAddress acts={acts} working={working} />
    </>
  )
}

function Places({ service, known, acts, working }: AddProps) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.places(), [service]))
  const added = new Set(known.map(({ address }) => address))
  const others = answer?.places.filter(({ address }) => !added.has(address))
  return (
    <>
      <Pending answer={answer} problem={problem} again={again} />
      {others?.length === 0 && <p className={styles.text}>{says.noPlace}</p>}
      {others && others.length > 0 && (
        <Table name={says.add} columns={[says.columns.room, says.columns.place, says.columns.change]}>
          {others.map((place) => (
            <tr key={place.address}>
              <td>
                {place.name}
                <br />
                <bdi dir="ltr">{place.address}</bdi>
              </td>
              <td>{placeOf(place)}</td>
              <td>
                <Button
                  size="small"
                  disabledFocusable={working}
                  aria-label={says.addButton + texts.colon + place.name}
                  onClick={() => acts.add(place)}
                >
                  {says.addButton}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

/** For a directory that does not let the application read its rooms, or does not know them. */
function ByAddress({ acts, working }: Pick<AddProps, 'acts' | 'working'>) {
  const styles = useStyles()
  const [fault, setFault] = useState<string>()
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [address = '', name = '', building = '', floor = ''] = ['address', 'name', 'building', 'floor'].map(
      (field) => String(form.get(field)).trim(),
    )
    const isGood = /^[^\s@]+@[^\s@]+$/.test(address) && name !== ''
    setFault(isGood ? undefined : says.notRoom)
    if (isGood && !working) acts.add({ address: address.toLowerCase(), name, building, floor })
  }
  return (
    <form aria-label={says.byAddress} className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={says.address}
        className={styles.field}
        {...(fault && { validationState: 'error', validationMessage: fault })}
      >
        <Input name="address" type="email" autoComplete="off" spellCheck={false} />
      </Field>
      <Field label={says.name} className={styles.field}>
        <Input name="name" autoComplete="off" />
      </Field>
      <Field label={says.building} className={styles.field}>
        <Input name="building" autoComplete="off" />
      </Field>
      <Field label={says.floor} className={styles.field}>
        <Input name="floor" autoComplete="off" />
      </Field>
      <Button type="submit" disabledFocusable={working}>
        {says.byAddress}
      </Button>
    </form>
  )
}

const placeOf = ({ building, floor }: { building: string; floor: string }) =>
  [building, floor].filter(Boolean).join(', ')

/** Each act, with the sentence that says what is done. */
const actsOf = (service: Service, run: ReturnType<typeof useActs>['run']) => ({
  add: ({ address, ...named }: Place & RoomRequest) =>
    run(async () => {
      await service.addRoom(address, named)
      return says.added(named.name)
    }),
  remove: ({ objectId, name }: Room) =>
    run(async () => {
      await service.removeRoom(objectId)
      return says.removed(name)
    }),
  pair: (asked: PairingRequest, name: string) =>
    run(async () => {
      await service.pairScreen(asked)
      return says.paired(name)
    }),
  saveSystem: ({ objectId, name }: Room, system: RoomSystemRequest) =>
    run(async () => {
      await service.saveRoomSystem(objectId, system)
      return says.systemSaved(name)
    }),
  removeSystem: ({ objectId, name }: Room) =>
    run(async () => {
      await service.removeRoomSystem(objectId)
      return says.systemRemoved(name)
    }),
  removeScreen: (id: string) =>
    run(async () => {
      await service.removeScreen(id)
      return says.screenRemoved
    }),
})
