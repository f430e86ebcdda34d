import type { Bootstrap } from '../../contract/identity.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'
import { once, singleFlight } from '../once.ts'
import type { Service } from '../service.ts'
import { choose, type WayName } from './choose.ts'
import { hasBridge, nestedApp } from './nested-app.ts'
import type { Ask, SignedIn, Way } from './signed-in.ts'

export type Identified = SignedIn & Pick<Way, 'how'>

/** What the person can mend, with the way that said so or the next one. */
const theirs: readonly ProblemCode[] = ['sign_in_required', 'link_required']
/** What ends the attempt: another way would fail alike, or ask again what the person has answered. */
const final: readonly ProblemCode[] = [
  'sign_in_cancelled',
  'sign_in_refused',
  'offline',
  'service_unreachable',
  'too_many_requests',
]

/** How long a proof counts as new. */
const newMilliseconds = 60_000

/** The person at the mailbox, proven once and kept in memory for as long as the proof counts. */
export function createPerson(bootstrap: () => Promise<Bootstrap>, service: Pick<Service, 'openSession'>) {
  const ways = once(async () => waysFor(await bootstrap(), service))
  const mailbox = () => Office.context.mailbox.userProfile.emailAddress
  let current: (Identified & { mailbox: string; since: number }) | undefined

  const silently = singleFlight((ask: Ask) => prove(ask, false))
  const withTheirHelp = singleFlight((ask: Ask) => prove(ask, true))

  /** Tries the mailbox's ways in turn, until one works, or the person has to help and may not, or has decided. */
  async function prove(ask: Ask, mayInteract: boolean): Promise<Identified> {
    let problem = new Problem('not_supported')
    let helping = false
    for (const way of await ways()) {
      try {
        if (!helping) return { ...(await way.silently(ask)), how: way.how }
      } catch (error) {
        problem = problemOrBug(error)
        helping = theirs.includes(problem.code)
        if (helping && !mayInteract) throw problem
      }
      try {
        if (helping) return { ...(await way.withTheirHelp(ask)), how: way.how }
      } catch (error) {
        problem = problemOrBug(error)
      }
    }
    throw problem
  }

  return {
    /** `mayInteract`: a person is there and has asked for it. Throws the problem that is left. */
    async signIn({ mayInteract = false, ...ask }: Ask & { mayInteract?: boolean } = {}): Promise<Identified> {
      const kept = current?.mailbox === mailbox() && current.until > Date.now() ? current : undefined
      if (kept && !ask.fresh && !ask.claims) return kept
      // A proof that is refused though it is new would be refused again.
      if (kept && ask.fresh && !ask.claims && Date.now() < kept.since + newMilliseconds)
        throw new Problem('sign_in_refused')
      const identified = await (mayInteract ? withTheirHelp(ask) : silently(ask))
      current = { ...identified, mailbox: mailbox(), since: Date.now() }
      return current
    },

    /** The next sign-in starts anew. */
    forget(): void {
      current = undefined
    },
  }
}

/** Lets pass what another way may do better. */
function problemOrBug(error: unknown): Problem {
  if (error instanceof Problem && !final.includes(error.code)) return error
  throw error
}

/** A way's code comes when its turn may come. */
function waysFor(bootstrap: Bootstrap, service: Pick<Service, 'openSession'>): Promise<Way[]> {
  const { accountType, emailAddress } = Office.context.mailbox.userProfile
  const make: Record<WayName, () => Promise<Way>> = {
    nestedApp: async () => nestedApp(bootstrap),
    dialog: async () => (await import('./dialog.ts')).dialog(bootstrap, emailAddress),
    exchange: async () => (await import('./exchange.ts')).exchange(service, emailAddress),
  }
  return Promise.all(
    choose({ accountType, bridge: hasBridge() }, bootstrap.exchange).map((name) => make[name]()),
  )
}
