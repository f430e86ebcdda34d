import { once, singleFlight } from '../../browser/once.ts'
import type { Bootstrap } from '../../contract/identity.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'
import type { Service } from '../service.ts'
import { choose, type WayName } from './choose.ts'
import { hasBridge, nestedApp } from './nested-app.ts'
import type { Ask, SignedIn, Way } from './signed-in.ts'

export interface Identified extends SignedIn, Pick<Way, 'how'> {
  /** Whose mailbox it is; the account may be somebody else's. */
  mailbox: string
  /** Lets the person choose another account, for as long as this page is open. Absent: the choice is Outlook's. */
  switchAccount?: () => Promise<Identified>
}

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

interface Needs {
  bootstrap(): Promise<Bootstrap>
  service: Pick<Service, 'openSession'>
}

/** The person at the mailbox. In another one everything starts anew: MSAL would go on with the first one's account. */
export function createPerson(needs: Needs) {
  let person: ReturnType<typeof personAt> | undefined
  function here() {
    const { emailAddress } = Office.context.mailbox.userProfile
    if (person?.mailbox !== emailAddress) person = personAt(emailAddress, needs)
    return person
  }

  return {
    /** `mayInteract`: a person is there and has asked for it. Throws the problem that is left. */
    signIn: (ask: Ask & { mayInteract?: boolean } = {}) => here().signIn(ask),

    /** Who has signed in, as far as is known without asking. */
    signedIn: () => here().signedIn(),

    /** The next sign-in starts anew. */
    forget(): void {
      person = undefined
    },
  }
}

/** The person at one mailbox, proven once and kept in memory for as long as the proof counts. */
function personAt(mailbox: string, needs: Needs) {
  const ways = once(() => waysFor(mailbox, needs))
  let current: (Identified & { since: number }) | undefined

  const silently = singleFlight((ask: Ask) => prove(ask, false))
  const withTheirHelp = singleFlight((ask: Ask) => prove(ask, true))

  /** Tries the mailbox's ways in turn, until one works, or the person has to help and may not, or has decided. */
  async function prove(ask: Ask, mayInteract: boolean): Promise<Identified> {
    let problem = new Problem('not_supported')
    let helping = false
    for (const make of await ways()) {
      const way = await make()
      try {
        if (!helping) return keep(way, await way.silently(ask))
      } catch (error) {
        problem = problemOrBug(error)
        helping = theirs.includes(problem.code)
        if (helping && !mayInteract) throw problem
      }
      try {
        if (helping) return keep(way, await way.withTheirHelp(ask))
      } catch (error) {
        problem = problemOrBug(error)
      }
    }
    throw problem
  }

  function keep(way: Way, signedIn: SignedIn): Identified {
    const { how, switchAccount } = way
    current = {
      ...signedIn,
      how,
      mailbox,
      since: Date.now(),
      ...(switchAccount && { switchAccount: async () => keep(way, await switchAccount()) }),
    }
    return current
  }

  const signedIn = () => (current && current.until > Date.now() ? current : undefined)

  return {
    mailbox,
    signedIn,

    async signIn({ mayInteract = false, ...ask }: Ask & { mayInteract?: boolean }): Promise<Identified> {
      const kept = signedIn()
      if (kept && !ask.fresh && !ask.claims) return kept
      // A proof that is refused though it is new would be refused again.
      if (kept && ask.fresh && !ask.claims && Date.now() < kept.since + newMilliseconds)
        throw new Problem('sign_in_refused')
      return mayInteract ? withTheirHelp(ask) : silently(ask)
    },
  }
}

/** Lets pass what another way may do better. */
function problemOrBug(error: unknown): Problem {
  if (error instanceof Problem && !final.includes(error.code)) return error
  throw error
}

/** A way's code comes when its turn comes. */
async function waysFor(mailbox: string, { bootstrap, service }: Needs): Promise<(() => Promise<Way>)[]> {
  const allowed = await bootstrap()
  const { accountType } = Office.context.mailbox.userProfile
  const make: Record<WayName, () => Promise<Way>> = {
    nestedApp: async () => nestedApp(allowed),
    dialog: async () =>
      (await import('./dialog.ts')).dialog(allowed, personal(accountType) ? undefined : mailbox),
    exchange: async () => (await import('./exchange.ts')).exchange(service, mailbox),
  }
  return choose({ accountType, bridge: hasBridge() }, allowed.exchange).map((name) => once(make[name]))
}

/** Such a mailbox's own account is in no organisation's directory: its person has another one there. */
const personal = (accountType: string | undefined) => accountType === 'outlookCom' || accountType === 'gmail'
