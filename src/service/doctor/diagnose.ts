import { type CheckName, type Finding, findings } from '../../contract/doctor.ts'
import { withDeadline } from '../deadline.ts'
import { type Around, type Check, found } from './around.ts'
import { clock } from './clock.ts'
import { database, subscriptions } from './database.ts'
import { entraDirectory, entraRedirects, entraRegistration, entraSecret, entraToken } from './entra.ts'
import { exchange } from './exchange.ts'
import { room, scope } from './mailboxes.ts'
import { frames, manifest, service, wellKnown } from './pages.ts'
import { dns, tls } from './public-address.ts'
import { graphWebhook, zoomWebhook } from './webhooks.ts'
import { zoomApp } from './zoom.ts'

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
  graphWebhook,
  zoomWebhook,
  database,
  subscriptions,
  clock,
  exchange,
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
    for (const before of after)
      if (!((await begun.get(before)) ?? []).every(isPassed))
        return [{ check, ...found('waits', { before }) }]
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
