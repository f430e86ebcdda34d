import { once, singleFlight } from '../../browser/once.ts'
import type { Proof, ProofOptions } from '../../browser/proof.ts'
import type { Bootstrap } from '../../contract/identity.ts'
import { Problem, type ProblemCode } from '../../contract/problems.ts'
import type { Service } from '../service.ts'
import { choose, type WayName } from './choose.ts'
import { hasBridge, nestedApp } from './nested-app.ts'
import type { Way } from './way.ts'

export interface Identified extends Proof, Pick<Way, 'how'> {
  /** The mailbox's address. The account may be another one. */
  mailbox: string
  /** Lets the person choose another account while this page is open. Absent: Outlook decides. */
  switchAccount?: () => Promise<Identified>
}

/** Problems that the person can solve by signing in, in the same way or the next. */
const solvable: readonly ProblemCode[] = ['sign_in_required', 'link_required']
/** Problems that end the attempt: the next way would fail too, or would repeat a question that the person has answered. */
const final: readonly ProblemCode[] = [
  'sign_in_cancelled',
  'sign_in_refused',
  'offline',
  'service_unreachable',
  'too_many_requests',
]

/** Milliseconds for which a proof counts as new. */
const newFor = 60_000

interface Needs {
  bootstrap(): Promise<Bootstrap>
  service: Pick<Service, 'openSession'>
}

export interface SignIn extends ProofOptions {
  /** The person asked for this, so a sign-in window may open. */
  mayInteract?: boolean
}

/** The person at the mailbox. When Outlook switches mailboxes, the sign-in starts over: MSAL would keep the first account. */
export function createPerson(needs: Needs) {
  let current: ReturnType<typeof personAt> | undefined
  function here() {
    const { emailAddress } = Office.context.mailbox.userProfile
    if (current?.mailbox !== emailAddress) current = personAt(emailAddress, needs)
    return current
  }

  return {
    /** Returns the proof in memory, or gets one. Throws the last way's `Problem`. */
    signIn: (options: SignIn = {}) => here().signIn(options),

    /** Loads what the first way of signing in takes. Fails in silence: `signIn` tries again. */
    prepare: () => here().prepare(),

    /** The proof in memory, if there is one. Asks nobody. */
    signedIn: () => here().signedIn(),

    /** Whether the account that has signed in is the mailbox's own, as far as their names show. */
    isOfMailbox(): boolean {
      const { name, mailbox } = here().signedIn() ?? {}
      return name !== undefined && name.toLowerCase() === mailbox?.toLowerCase()
    },

    /** Forgets the proof and the account. */
    forget(): void {
      current = undefined
    },
  }
}

/** The person at one mailbox. The proof stays in memory until it expires. */
function personAt(mailbox: string, needs: Needs) {
  const ways = once(() => waysFor(mailbox, needs))
  let current: (Identified & { since: number }) | undefined

  const silently = singleFlight((options: ProofOptions) => prove(options, false))
  const interactively = singleFlight((options: ProofOptions) => prove(options, true))

  /** Tries the mailbox's ways in turn. Stops at a final problem, or where the person must act and `mayInteract` is false. */
  async function prove(options: ProofOptions, mayInteract: boolean): Promise<Identified> {
    let problem = new Problem('not_supported')
    let interacting = false
    for (const make of await ways()) {
      const way = await make()
      try {
        if (!interacting) return keep(way, await way.silently(options))
      } catch (error) {
        problem = tryNext(error)
        interacting = solvable.includes(problem.code)
        if (interacting && !mayInteract) throw problem
      }
      try {
        if (interacting) return keep(way, await way.interactively(options))
      } catch (error) {
        problem = tryNext(error)
      }
    }
    throw problem
  }

  function keep(way: Way, proof: Proof): Identified {
    const { how, switchAccount } = way
    current = {
      ...proof,
      how,
      mailbox,
      since: Date.now(),
      ...(switchAccount && { switchAccount: async () => keep(way, await switchAccount()) }),
    }
    return current
  }

  const signedIn = () => (current && current.expiresAt > Date.now() ? current : undefined)

  return {
    mailbox,
    signedIn,

    async prepare(): Promise<void> {
      try {
        const [first] = await ways()
        await (await first?.())?.prepare?.()
      } catch (_) {}
    },

    async signIn({ mayInteract = false, ...options }: SignIn): Promise<Identified> {
      if (options.claims) return prove(options, mayInteract)
      const kept = signedIn()
      if (kept && !options.fresh) return kept
      // The service refused a new proof, so it would refuse the next one too.
      if (kept && Date.now() < kept.since + newFor) throw new Problem('sign_in_refused')
      return mayInteract ? interactively(options) : silently(options)
    },
  }
}

/** Returns the problem if another way may succeed; throws final problems and bugs. */
function tryNext(error: unknown): Problem {
  if (error instanceof Problem && !final.includes(error.code)) return error
  throw error
}

/** The ways for this mailbox, in order. Each way's code loads when it is tried. */
async function waysFor(mailbox: string, { bootstrap, service }: Needs): Promise<(() => Promise<Way>)[]> {
  const settings = await bootstrap()
  const { accountType } = Office.context.mailbox.userProfile
  const make: Record<WayName, () => Promise<Way>> = {
    nestedApp: async () => nestedApp(settings),
    dialog: async () =>
      (await import('./dialog.ts')).dialog(settings, isPersonal(accountType) ? undefined : mailbox),
    exchange: async () => (await import('./exchange.ts')).exchange(service, mailbox),
  }
  return choose({ accountType, bridge: hasBridge() }, settings.exchange).map((name) => once(make[name]))
}

/** No organisation's directory has such a mailbox's account, so the person signs in with another one. */
const isPersonal = (accountType: string | undefined) =>
  accountType === 'outlookCom' || accountType === 'gmail'
