import { randomInt } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { Problem } from '../../contract/problems.ts'
import {
  codeIn,
  codeLength,
  codeLetters,
  type Pairing,
  type ScreenKind,
  shownCode,
} from '../../contract/rooms.ts'
import type { Audit } from '../audit/audit.ts'
import type { Acting } from '../connections/mailboxes.ts'
import type { Database } from '../database/open.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'
import type { SealedJson } from '../vault/sealed-json.ts'
import type { RoomsTables } from './tables.ts'

interface Needs {
  database: Database
  audit: Audit
  sealed: SealedJson
  /** These screens are none any more. It must not throw. */
  ended(screens: readonly string[]): void
}

/** A screen, as its cookie proves it. */
export interface Screen {
  id: string
  directory: string
  kind: ScreenKind
  /** Null: it shows many. */
  room: string | null
  /** Of which building and floor. Empty: of all. */
  building: string
  floor: string
  /** It cannot be told any more. */
  isUnknown?: boolean
}

/** What an administrator gives a screen to show. `address`: of one room. Otherwise those of a building or floor, or all. */
export type Showing = { address: string } | { building?: string | undefined; floor?: string | undefined }

/** Seconds for which a code can be typed. */
const pairingSeconds = 600
/** Minutes after which it is stored again that a screen was seen. */
const seenEvery = 5

/** The form of a cookie. */
export const tokenForm = /^[A-Za-z0-9_-]{43}$/

export type Screens = ReturnType<typeof roomScreens>

/** The screens of rooms: how they are paired, and by what they are known. Only hashes of codes and cookies are stored. */
export function roomScreens({ database: ground, audit, sealed, ended }: Needs) {
  const database = ground.withTables<RoomsTables>()

  const aboutWall = (directory: string) => ['wall 1', directory]

  /** Which rooms a wall shows. */
  async function wallOf(
    directory: string,
    shows: Buffer | null,
  ): Promise<Pick<Screen, 'building' | 'floor' | 'isUnknown'>> {
    const said = shows ? await sealed.open(aboutWall(directory), shows) : {}
    // What cannot be opened any more shows no room.
    if (said === undefined) return { building: '', floor: '', isUnknown: true }
    const { building = '', floor = '' } = Object(said) as Record<string, unknown>
    return { building: String(building), floor: String(floor) }
  }

  return {
    wallOf,

    /** A code for a person to type, and a secret by which the screen claims what comes of it. */
    async offer(): Promise<Pairing> {
      const code = Array.from({ length: codeLength }, () => codeLetters[randomInt(codeLetters.length)]).join(
        '',
      )
      const secret = newSecret('')
      await database
        .insertInto('room_pairings')
        .values({
          code: sha256(code),
          secret: sha256(secret),
          screen: null,
          until: sql<Date>`now() + make_interval(secs => ${pairingSeconds})`,
        })
        .execute()
      return { code: shownCode(code), secret, seconds: pairingSeconds }
    },

    /** An administrator has typed the code that a screen shows. Throws `no_such_code`, `room_not_added`. */
    async pair({ by, directory }: Acting, typed: string, showing: Showing): Promise<string> {
      const code = codeIn(typed)
      if (!code) throw new Problem('no_such_code')
      const shows = 'address' in showing ? null : await sealed.seal(aboutWall(directory), showing)
      return audit.together(ground, async (all, record) => {
        const within = all.withTables<RoomsTables>()
        const room = 'address' in showing ? await roomAt(within, directory, showing.address) : null
        const { id } = await within
          .insertInto('room_screens')
          .values({ token: sha256(newSecret('')), directory, room, sealed: shows })
          .returning('id')
          .executeTakeFirstOrThrow()
        const { numUpdatedRows } = await within
          .updateTable('room_pairings')
          .set({ screen: id })
          .where('code', '=', sha256(code))
          .where('screen', 'is', null)
          .where(sql<boolean>`until > now()`)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) throw new Problem('no_such_code')
        await record({ act: 'screen paired', caller: by, organisation: `entra:${directory}` })
        return id
      })
    },

    /** The cookie of the screen that shows the code of this secret. Undefined: nobody has typed it yet. Throws `no_such_code`. */
    async claim(secret: string): Promise<string | undefined> {
      return ground.transaction().execute(async (all) => {
        const within = (all as Database).withTables<RoomsTables>()
        const pairing = await within
          .selectFrom('room_pairings')
          .select('screen')
          .where('secret', '=', sha256(secret))
          .where(sql<boolean>`until > now()`)
          .forUpdate()
          .executeTakeFirst()
        if (!pairing) throw new Problem('no_such_code')
        if (pairing.screen === null) return undefined
        const token = newSecret('')
        await within
          .updateTable('room_screens')
          .set({ token: sha256(token) })
          .where('id', '=', pairing.screen)
          .execute()
        // The pairing stays until it ends: the answer may be lost, and a screen that claims again gets another cookie.
        return token
      })
    },

    /** Whose a cookie is. Undefined: of no screen any more. */
    async of(token: string): Promise<Screen | undefined> {
      const row = await database
        .selectFrom('room_screens')
        .select(['id', 'directory', 'room', 'sealed'])
        .select(sql<boolean>`seen_at < now() - make_interval(mins => ${seenEvery})`.as('isOld'))
        .where('token', '=', sha256(token))
        .executeTakeFirst()
      if (!row) return undefined
      const { isOld, sealed: shows, ...screen } = row
      if (isOld)
        await database
          .updateTable('room_screens')
          .set({ seen_at: sql<Date>`now()` })
          .where('id', '=', row.id)
          .execute()
      return { ...screen, kind: row.room === null ? 'wall' : 'room', ...(await wallOf(row.directory, shows)) }
    },

    /** Which of these still are screens. */
    async stillThere(ids: readonly string[]): Promise<Set<string>> {
      const rows = await database.selectFrom('room_screens').select('id').where('id', 'in', ids).execute()
      return new Set(rows.map(({ id }) => id))
    },

    /** Throws `no_such_screen`. Without `by`, the screen itself asks to be none any more. */
    async remove({ by, directory }: Pick<Acting, 'directory'> & Partial<Acting>, id: string): Promise<void> {
      await audit.together(ground, async (all, record) => {
        const { numDeletedRows } = await all
          .withTables<RoomsTables>()
          .deleteFrom('room_screens')
          .where('id', '=', id)
          .where('directory', '=', directory)
          .executeTakeFirstOrThrow()
        if (numDeletedRows === 0n) throw new Problem('no_such_screen')
        await record({
          act: 'screen removed',
          ...(by && { caller: by }),
          organisation: `entra:${directory}`,
        })
      })
      ended([id])
    },

    async forgetEnded(): Promise<void> {
      await database.deleteFrom('room_pairings').where(sql<boolean>`until < now()`).execute()
    },
  }
}

async function roomAt(within: Kysely<RoomsTables>, directory: string, address: string): Promise<string> {
  const row = await within
    .selectFrom('rooms')
    .select('id')
    .where('directory', '=', directory)
    .where('address', '=', sha256(address.toLowerCase()))
    .executeTakeFirst()
  if (!row) throw new Problem('room_not_added')
  return row.id
}
