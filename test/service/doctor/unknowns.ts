import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { CheckName, FindingName } from '../../../src/contract/doctor.ts'
import { lockDirectory } from '../../../src/service/database/lock.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { page } from './faults.ts'
import { attic, type Deployment, linesOf, noWayTo, silentNameServer } from './kit.ts'

// What the doctor cannot tell, and says so.

/** A data directory whose database another process has open. */
function openElsewhere() {
  const { path, remove } = temporaryFolder()
  const unlock = lockDirectory(join(path, 'database'))
  onTestFinished(async () => {
    unlock()
    await remove()
  })
  return { DATABASE_URL: undefined, DATA_DIR: path }
}

/** Until the end of the test, the pages may be shown by Microsoft's Outlooks only. */
const namesMicrosoftOnly = ({ answer }: Deployment) =>
  answer(({ url }) => (url.includes('/taskpane/') ? page(`frame-ancestors ${microsoftOutlooks}`) : undefined))
const microsoftOutlooks = 'https://*.office.com https://*.office365.com https://*.cloud.microsoft'

/** The rest of the answer is as usual, but the vendors do not say when it was given. */
const withoutTime = { status: 200, headers: { date: 'unknown' }, times: 'always' } as const

/** Entra refuses with a code that the doctor does not know: the directory requires another way to sign in. */
const refusal = { error: 'invalid_grant', error_codes: [53003] }

/**
 * What the doctor does not learn, how that comes about, each check that cannot tell and what it finds, words of the fix,
 * what the doctor is asked besides, and what fails beside it.
 */
export type Unknown = readonly [
  says: string,
  plant: (at: Deployment) => unknown,
  cannotTell: Partial<Record<CheckName, FindingName>>,
  fix: RegExp,
  args?: readonly string[],
  fails?: Partial<Record<CheckName, FindingName>>,
]
export const unknowns: readonly Unknown[] = [
  [
    'whether a name exists for which the name server does not answer',
    () => silentNameServer('localhost'),
    { dns: 'dns_silent' },
    /on a machine with a working name server/,
  ],
  [
    'which Outlooks show the pages in another cloud of Microsoft',
    () => {
      noWayTo('https://login.microsoftonline.us')
      return { ENTRA_AUTHORITY: 'https://login.microsoftonline.us' }
    },
    { frames: 'frames_other_cloud' },
    /add its origin to FRAME_ANCESTORS if the pane stays empty/,
    [],
    { entraDirectory: 'entra_unreachable' },
  ],
  [
    'whether the Outlook on the web of an Exchange server shows pages that do not name its host',
    (at) => {
      namesMicrosoftOnly(at)
      return { EXCHANGE: at.exchange({ ewsUrl: 'https://mail.contoso.example/EWS/Exchange.asmx' }) }
    },
    { frames: 'frames_server' },
    /Add https:\/\/mail\.contoso\.example to FRAME_ANCESTORS/,
  ],
  [
    'the same of an Exchange server whose calendars nobody connects',
    (at) => {
      namesMicrosoftOnly(at)
      return { EXCHANGE: at.exchange({ ewsUrl: undefined }) }
    },
    { frames: 'frames_server' },
    /Add https:\/\/localhost:\d+ to FRAME_ANCESTORS/,
  ],
  [
    'whether the redirect addresses are registered from a sign-in page that fails',
    ({ faults }) => faults.add({ vendor: 'entra', match: '/authorize', status: 500, times: 'always' }),
    { entraRedirects: 'entra_redirects_unclear' },
    /Compare the redirect addresses/,
  ],
  [
    'anything by a check that itself fails',
    ({ faults }) => faults.add({ vendor: 'entra', match: '/authorize', drop: true, times: 'always' }),
    { entraRedirects: 'broken' },
    /Run doctor again, and report it/,
  ],
  [
    'whether Entra accepts a secret that there is not',
    () => ({ ENTRA_CLIENT_SECRET: undefined }),
    { entraSecret: 'entra_secret_none' },
    /Set ENTRA_CLIENT_SECRET if people are to connect calendars/,
  ],
  [
    'why Entra refuses with a code that it does not know',
    ({ faults }) =>
      faults.add({
        vendor: 'entra',
        match: '/oauth2/v2.0/token',
        status: 400,
        body: refusal,
        times: 'always',
      }),
    { entraSecret: 'entra_refuses' },
    /Look up AADSTS53003/,
  ],
  [
    'whether Entra accepts the secret while it gives no answer',
    ({ faults }) => faults.add({ vendor: 'entra', match: '/oauth2/v2.0/token', drop: true, times: 'always' }),
    { entraSecret: 'entra_silent' },
    /in a few minutes/,
  ],
  [
    'what an administrator has consented to by a token that may not read it',
    ({ faults }) => faults.add({ vendor: 'graph', match: '/oauth2PermissionGrants', status: 403 }),
    { entraRegistration: 'entra_consent_closed' },
    /Look under API permissions/,
  ],
  [
    'whether the clock is right where nobody says the time',
    ({ faults }) =>
      faults.add(
        { vendor: 'entra', match: '/common/v2.0', ...withoutTime },
        { vendor: 'zoom', match: 'GET /', ...withoutTime },
      ),
    { clock: 'clock_unknown' },
    /Compare the clock with another one/,
  ],
  [
    'what is in an embedded database that the service has open',
    openElsewhere,
    { database: 'database_in_use' },
    /Stop the service while doctor runs/,
  ],
  [
    'how a room is set from an answer of Graph that says nothing',
    ({ faults }) => faults.add({ vendor: 'graph', match: '/calendarView', status: 500, times: 'always' }),
    { room: 'mailbox_unclear' },
    /in a few minutes/,
    ['--room', attic],
  ],
  [
    'whether the application opens a mailbox while Graph fails',
    ({ faults }) => faults.add({ vendor: 'graph', match: '/calendar', status: 503, times: 'always' }),
    { scope: 'mailbox_unclear' },
    /in a few minutes/,
    ['--mailbox', attic],
  ],
]

/** What this machine does not learn in any test, and what waits for another check. */
const usual: readonly FindingName[] = ['webhook_inside', 'zoom_user_scopes_unseen', 'waits']

/** Lets the doctor look: exactly these checks cannot tell, each with this finding and fix. */
export async function expectUnknown(
  deployment: Deployment,
  [, plant, cannotTell, fix, args, fails = {}]: Unknown,
) {
  onTestFinished(deployment.mend)
  const changes = (await plant(deployment)) as Record<string, string | undefined> | undefined
  const { code, failed, unknown } = await linesOf(deployment, changes, args)
  const lines = unknown.filter(({ finding }) => !usual.includes(finding))
  expect(Object.fromEntries(lines.map(({ check, finding }) => [check, finding]))).toEqual(cannotTell)
  for (const line of lines) expect(line.fix).toMatch(fix)
  expect(Object.fromEntries(failed.map(({ check, finding }) => [check, finding]))).toEqual(fails)
  expect(code).toBe(failed.length > 0 ? 1 : 0)
}
