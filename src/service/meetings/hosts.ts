import type { Database } from '../database/open.ts'
import type { Caller } from '../identity/caller.ts'
import type { Zoom } from '../zoom/api.ts'

export type Hosts = ReturnType<typeof zoomHosts>

/** Whose Zoom account a caller schedules with: the one that has the verified sign-in name at first use, from then on that one. */
export function zoomHosts(database: Database, zoom: Pick<Zoom, 'userId'>) {
  const known = (subject: string) =>
    database.selectFrom('hosts').select('zoom_user_id').where('subject', '=', subject).executeTakeFirst()

  return {
    async hostOf(caller: Caller, until: AbortSignal): Promise<string> {
      const host = await known(caller.subject)
      if (host) return host.zoom_user_id
      const zoom_user_id = await zoom.userId(caller.signInName, until)
      await database
        .insertInto('hosts')
        .values({ subject: caller.subject, zoom_user_id })
        .onConflict((conflict) => conflict.column('subject').doNothing())
        .execute()
      return (await known(caller.subject))?.zoom_user_id ?? zoom_user_id
    },

    /** Undefined: this subject has never scheduled. */
    async knownHost(subject: string): Promise<string | undefined> {
      return (await known(subject))?.zoom_user_id
    },
  }
}
