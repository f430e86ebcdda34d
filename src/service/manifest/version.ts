import { sql } from 'kysely'
import type { Database } from '../database/open.ts'
import { keptFor } from '../kept-fresh.ts'
import type { Manifest } from './manifest.ts'
import type { ManifestTables } from './tables.ts'

/** Milliseconds for which the version is used again. */
const fresh = 5_000
/** How often the next sequence is tried, while other processes take it. */
const tries = 10

/** A release as one number, in the order of releases. */
const numbered = ([major, minor, patch]: Manifest['release']) => (major * 1_000 + minor) * 1_000 + patch
const named = (release: number, sequence: number) =>
  [Math.floor(release / 1_000_000), Math.floor(release / 1_000) % 1_000, release % 1_000, sequence].join('.')

/**
 * The version of a deployment's manifest. The database numbers each content, so that the version rises with a change of
 * content and never otherwise, whichever process answers. A process of an older release than the newest one numbers
 * nothing: it goes on with the version that its own content has.
 */
export async function manifestVersion(database: Database, { digest, release }: Manifest) {
  const db = database.withTables<ManifestTables>()
  const own = numbered(release)
  const kept = keptFor<string>(fresh, 1)
  let last = named(own, 0)

  const newest = () =>
    db.selectFrom('manifests').selectAll().orderBy('sequence', 'desc').limit(1).executeTakeFirst()

  /** Numbers this content, unless it is the newest, or the newest is of a later release. */
  async function publish(left = tries): Promise<void> {
    const before = await newest()
    if (before && (before.digest.equals(digest) || before.release > own)) return
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('manifests')
      .values({ sequence: (before?.sequence ?? -1) + 1, release: own, digest })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    if (!numInsertedOrUpdatedRows && left > 0) await publish(left - 1)
  }

  /** The version of this content; of one that has none, the last that a release as old as this one had. */
  async function ask(): Promise<string> {
    const found = await db
      .selectFrom('manifests')
      .select(['release', 'sequence'])
      .where((where) => where.or([where('digest', '=', digest), where('release', '<=', own)]))
      .orderBy(sql`digest = ${digest}`, 'desc')
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (found) last = named(found.release, found.sequence)
    return last
  }

  await publish()
  return () => kept.current('', ask).catch(() => last)
}
