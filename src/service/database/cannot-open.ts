import { CannotStart, exitCodes } from '../cannot-start.ts'

type Sentence = (at: { place: string; name: string; code: string }) => string

/** Why PostgreSQL cannot be used, by the error codes of Node and of PostgreSQL (appendix A of its documentation). */
const ofPostgres: readonly (readonly [RegExp, 'later' | 'settings', Sentence])[] = [
  [
    /^(E(CONN(REFUSED|RESET|ABORTED)|NOTFOUND|AI_AGAIN|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOENT|PIPE)|57P0[123]|53300|08...)$/,
    'later',
    ({ place, code }) =>
      `PostgreSQL does not answer at ${place} (${code}). Start it, let the service reach it, or correct DATABASE_URL.`,
  ],
  [
    /^28...$/,
    'settings',
    ({ place, code }) =>
      `PostgreSQL at ${place} refuses the user of DATABASE_URL (${code}). Correct the name and the password, or let pg_hba.conf accept them from this machine.`,
  ],
  [
    /^3D000$/,
    'settings',
    ({ place, name }) =>
      `PostgreSQL at ${place} has no database "${name}" (3D000). Create it, or correct DATABASE_URL.`,
  ],
  [
    /^42501$/,
    'settings',
    ({ name }) =>
      `The user of DATABASE_URL may not make or change tables in the database "${name}" (42501). Make it the owner of the database and of all tables in it.`,
  ],
  [
    /^25006$/,
    'later',
    ({ place }) =>
      `PostgreSQL at ${place} cannot be written (25006): it is a standby. Name the primary in DATABASE_URL.`,
  ],
  [
    /^53[12]00$/,
    'later',
    ({ place, code }) =>
      `PostgreSQL at ${place} has no space left (${code}). Make room: the tables are as they were.`,
  ],
  [
    /CERT|SELF_SIGNED|SSL|TLS/,
    'settings',
    ({ place, code }) =>
      `There is no TLS connection to PostgreSQL at ${place} (${code}). Correct its certificate, or sslmode in DATABASE_URL.`,
  ],
]

/** What `pg` says without a code. */
const uncoded: readonly (readonly [RegExp, string])[] = [
  [/timeout/i, 'ETIMEDOUT'],
  [/SSL/, 'SSL'],
  [/^SASL|password/, '28P01'],
  [/Connection terminated/, 'ECONNRESET'],
]

/** Why the service cannot open its database. Undefined: nobody knows, it is a bug. The password is in no sentence. */
export function whyNotOpened(
  error: unknown,
  address: string | undefined,
  directory: string,
): CannotStart | undefined {
  if (error instanceof CannotStart) return error
  if (!(error instanceof Error)) return undefined
  const { code: given } = error as NodeJS.ErrnoException
  const code = given ?? uncoded.find(([said]) => said.test(error.message))?.[1] ?? ''
  if (!address)
    return /^(EACCES|EPERM|EROFS|ENOTDIR|ENOSPC|ERR_SQLITE_ERROR)$/.test(code)
      ? new CannotStart(
          `The embedded database cannot be written in ${directory} (${code}). Let the service's user write there, make room, or correct DATA_DIR.`,
          exitCodes.settings,
          error,
        )
      : undefined
  const known = ofPostgres.find(([codes]) => codes.test(code))
  if (!known) return undefined
  const { hostname, port, pathname, searchParams } = new URL(address)
  const place = searchParams.get('host') ?? `${hostname || 'localhost'}:${port || 5432}`
  const [, exit, sentence] = known
  const message = sentence({ place, name: decodeURIComponent(pathname.slice(1)), code })
  return new CannotStart(message, exitCodes[exit], error)
}
