import type { Handler, Hono } from 'hono'
import type { JSONWebKeySet } from 'jose'
import type { Calendars } from './calendars.ts'
import type { Faults } from './kit/faults.ts'
import type { RegistrationObject } from './microsoft/registration.ts'

/** A route of the control API: method, path, what it is for, and its handler. */
export type ControlRoute = readonly [method: string, path: string, says: string, handler: Handler]

/** Something to try out. The page has a button for each; `POST /simulator/situations/:id` begins it too. */
export interface Situation {
  says: string
  begin(): void
}

/** Situations by id: `zoom-user-removed`. */
export type Situations = Readonly<Record<string, Situation>>

/** A request to the service. */
export interface PostOptions {
  body?: string
  headers?: Record<string, string>
  /** ms until the whole answer must be there. */
  deadline: number
}

export interface Posted {
  status: number
  /** The Content-Type without parameters, in lower case. */
  type: string
  text: string
}

/** Sends a POST to the service and resolves with its answer; rejects when none comes. */
export type Post = (url: string, options: PostOptions) => Promise<Posted>

/** What a vendor gets when the world opens. */
export interface Surroundings {
  /** The vendor's own address: `https://localhost:3003`. */
  origin: string
  /** The public address of the add-in and its service. */
  addin: string
  faults: Faults
  /** What the mailboxes have. */
  calendars: Calendars
  /** The certificate of the vendor's address from now on, in PEM. Undefined: the one that the world trusts. */
  show(certificate?: { key: string; cert: string }): void
  /** Calls the service at its public address. */
  post: Post
  /** The keys that another vendor publishes. */
  keysOf(vendor: string): Promise<JSONWebKeySet>
  /** Dials a SIP address at any vendor. The topic of the meeting that answers. Undefined: nobody answers. */
  dial(address: string): string | undefined
  /** How the application is registered at another vendor, which stands before this one in the table. */
  registeredAt(vendor: string): RegistrationObject | undefined
}

/** A system outside the product, simulated at an address of its own. */
export interface Vendor {
  /** Answers every request at `origin`. */
  app: Hono
  /** What the page and the tests read and change; `GET /simulator` lists it. */
  routes: readonly ControlRoute[]
  /** What can be tried out with it. */
  situations?: Situations
  /** The keys with which it signs tokens for other vendors. */
  keys?(): Promise<JSONWebKeySet>
  /** Lets who dials this SIP address into a meeting. Its topic. Undefined: there is none, or the passcode is wrong. */
  dialled?(address: string): string | undefined
  /** How the application is registered here, for who shows and changes it. */
  registered?: RegistrationObject
  /** Forgets what happened since the world opened. */
  reset(): void
  /** Does slow work before the world is ready, because later callers have deadlines. */
  prepare?(): Promise<void>
  /** Does what it can do only when the service answers at its public address. */
  begin?(): Promise<void>
  /** The service's settings for this vendor: names and values of environment variables. */
  settings: Readonly<Record<string, string>>
}

/** Each vendor's folder exports one; the table in `world.ts` has a row for each. */
export type OpenVendor = (around: Surroundings) => Vendor
