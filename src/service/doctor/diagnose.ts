import { type CheckName, type Finding, findings } from '../../contract/doctor.ts'
import { withDeadline } from '../deadline.ts'
import { type Around, type Check, found } from './around.ts'
import { clock } from './clock.ts'
import { database, subscriptions } from './database.ts'
import { entraDirectory, entraRedirects, entraRegistration, entraSecret, entraToken } from './entra.ts'
import { exchange, exchangeCalls } from './exchange.ts'
import { room, scope } from './mailboxes.ts'
import { frames, manifest, service, wellKnown } from './pages.ts'
import { dns, tls } from './public-address.ts'
import { serviceAccounts } from './service-accounts.ts'
import { vault } from './vault.ts'
import { graphWebhook, zoomUserWebhook, zoomWebhook } from './webhooks.ts'
import { zoomApp } from './zoom.ts'
import { zoomUserApp, zoomUserScopes } from './zoom-user-app.ts'

/** Every check, from the outside in. */
const checks: Readonly<Record<Exclude<CheckName, 'settings'>, Check>> = {
  dns,
  tls,
  service,
  manifest,
  wellKnown,
  frames,
  entraDirectory,
  entraRedirects,
  entraSecret,
  entraToken,
  entraRegistration,
  zoomApp,
  zoomUserApp,
  zoomUserScopes,
  graphWebhook,
  zoomWebhook,
  zoomUserWebhook,
  exchangeCalls,
  database,
  vault,
  subscriptions,
  clock,
  exchange,
  serviceAccounts,
  scope,
  room,
}

/** Seconds for one check, if nobody says otherwise. */
const usualSeconds = 10

const isPassed = ({ finding }: Finding) => findings[finding][0] === 'pass'

/**
 * Looks at a deployment. A check begins when those before it have passed, and the others run meanwhile. None throws, and
 * none is waited for longer than its deadline.
 */
export async function diagnose(around: Around, seconds = usualSeconds): Promise<readonly Finding[]> {
  const begun = new Map<CheckName, Promise<readonly Finding[]>>()
  const table = Object.entries(checks).filter(([, { concerns }]) => concerns?.(around) ?? true) as [
    CheckName,
    Check,
  ][]
  for (const [name, check] of table) begun.set(name, made(name, check))
  return (await Promise.all(begun.values())).flat()

  async function made(check: CheckName, { after = [], look }: Check): Promise<readonly Finding[]> {
    for (const before of after) {
      const [one] = ((await begun.get(before)) ?? []).filter((each) => !isPassed(each))
      // What was looked at, and not another one that waits for it too.
      if (one) return [{ ...(one.finding === 'waits' ? one : found('waits', { before })), check }]
    }
    const late = new AbortController()
    try {
      const answer = await withDeadline(seconds * 1000, (signal) =>
        Promise.race([look(around, AbortSignal.any([signal, late.signal])), aborted(signal)]),
      )
      return [answer].flat().map((one) => ({ check, ...one }))
    } catch (error) {
      const isLate = (error as Error).name === 'TimeoutError'
      return [{ check, ...(isLate ? found('late', { seconds }) : found('broken')) }]
    } finally {
      late.abort()
    }
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
