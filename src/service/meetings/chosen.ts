import { childNames, type Options, parentOf } from '../../contract/meeting-options.ts'
import { type DecidedName, optionsIn } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { SavedOptions } from '../templates/templates.ts'
import { VaultFailure } from '../vault/failure.ts'

export interface ChosenNeeds {
  policies: Pick<Policies, 'of'>
  saved: Pick<SavedOptions, 'defaultsOf'>
  log: Log
}

interface Chosen {
  /** The options of the new meeting. */
  all: Options
  /** Those of them that the organisation has chosen, and those that it leaves nobody to choose. */
  decided: Options
  alwaysSo: Options
  locked: readonly DecidedName[]
}

/**
 * The options of a meeting that the caller creates now: what policies lock, then what the person chooses, then their
 * defaults, then what policies begin with. Throws `option_locked`. `host`: the address of the host, as far as it is known.
 */
export async function chosenFor(
  { policies, saved, log }: ChosenNeeds,
  caller: Caller,
  wanted: Options,
  host: string | undefined,
): Promise<Chosen> {
  const [{ values: decided, locked }, defaults] = await Promise.all([
    policies.of(caller).then(optionsIn),
    // While the vault does not open them, the meeting is made without them: a click is not refused for that.
    saved.defaultsOf(caller.subject).catch((error) => {
      if (!(error instanceof VaultFailure)) throw error
      log.warn('credential not opened', reasonOf(error))
      return {}
    }),
  ])
  requireUnlocked(wanted, decided, locked)
  requireOthers(wanted.alternativeHosts, host)
  const alwaysSo: Options = Object.fromEntries(locked.map((name) => [name, decided[name]]))
  const all = { ...decided, ...withoutHost(defaults, host), ...wanted, ...alwaysSo }
  return { all, decided, alwaysSo, locked }
}

/** Throws `option_locked` for an option that a policy decides otherwise. */
export function requireUnlocked(wanted: Options, decided: Options, locked: readonly DecidedName[]): void {
  const refused = locked.find((name) => wanted[name] !== undefined && wanted[name] !== decided[name])
  if (refused) throw new Problem('option_locked', { field: refused })
  const child = childNames.find((name) => wanted[name] && locked.includes(parentOf[name]))
  if (child && decided[parentOf[child]] === 'off') throw new Problem('option_locked', { field: child })
}

/** Throws `alternative_host_twice`, and `alternative_host_is_host`. Mailboxes are the same in any case of letters. */
export function requireOthers(alternativeHosts: string | undefined, host: string | undefined): void {
  const field = 'alternativeHosts'
  const addresses = listIn(alternativeHosts)
  if (new Set(addresses).size < addresses.length) throw new Problem('alternative_host_twice', { field })
  if (host && addresses.includes(host.toLowerCase())) throw new Problem('alternative_host_is_host', { field })
}

/** A person's defaults may name somebody in whose calendar they schedule. */
function withoutHost(defaults: Options, host: string | undefined): Options {
  const { alternativeHosts, ...rest } = defaults
  const others = alternativeHosts?.split(';').filter((one) => one.toLowerCase() !== host?.toLowerCase())
  return others?.[0] ? { ...rest, alternativeHosts: others.join(';') } : rest
}

const listIn = (addresses = '') => addresses.toLowerCase().split(';').filter(Boolean)
