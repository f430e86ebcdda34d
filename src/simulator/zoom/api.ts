import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { type Faults, faulty } from '../kit/faults.ts'
import { poster } from '../kit/post.ts'
import type { Post } from '../vendor.ts'
import { createAccount, type UserChange } from './account.ts'
import { credentials, userCredentials } from './apps.ts'
import {
  bodyOf,
  hostOf,
  kindOf,
  paged,
  requireLicensed,
  scheduledFor,
  userOf,
  withoutOccurrence,
} from './asked.ts'
import type { MeetingBody } from './fields.ts'
import { type Category, createLimits, type Plan } from './limits.ts'
import { createOAuth, granularScopes, type Permission } from './oauth.ts'
import { joinPage } from './page.ts'
import { type ReceivedRequest, recorder } from './recorder.ts'
import { Refusal } from './refusals.ts'
import { type Change, createSettings } from './settings.ts'
import { createSignIn } from './sign-in.ts'
import {
  detailed,
  hold,
  invalid,
  isAlive,
  listed,
  type Meeting,
  past,
  reschedule,
  schedule,
  templates,
} from './state.ts'
import { profile, type User } from './users.ts'
import { createWebhooks } from './webhooks.ts'

export interface ZoomOptions {
  faults: Faults
  /** The stand-in's address, with which join links begin: `https://localhost:3003`. */
  origin: string
  /** ms since 1970. */
  now?: () => number
  /** The app's scopes; all that it can need by default. */
  scopes?: readonly string[]
  limits?: Plan
  /** Redirect URIs of the app by which people sign in; only an exact match is accepted. */
  redirectUris?: readonly string[]
  /** How webhooks are sent. */
  post?: Post
}

/** A stored meeting, as tests read it. */
export type StoredMeeting = ReturnType<typeof listed> & { host_email: string; password: string }

export interface Zoom {
  app: Hono
  /** Every meeting that exists, oldest first. */
  meetings(): StoredMeeting[]
  /** Every request received, oldest first. */
  requests(): readonly ReceivedRequest[]
  /** Who dials this SIP address, `id.passcode@zoomcrc.com`, is in the meeting, whose topic is the answer. Undefined: in none. */
  dialled(address: string): string | undefined
  /** Each address that was dialled, oldest first, and in which meeting who did so then was. */
  calls(): readonly { address: string; topic?: string }[]
  /** The host starts and ends the meeting. False: it does not exist. */
  start(meetingId: string): boolean
  /** What the account's administrator does in Zoom's web portal. */
  portal: {
    users(): readonly User[]
    /** Removes a user and their meetings. False: there is none. */
    removeUser(idOrEmail: string): boolean
    /** Changes a user, or adds a removed one again, with another id. Undefined: the address was never in the account. */
    putUser(email: string, change: UserChange): User | undefined
    /** False: it does not exist. */
    deleteMeeting(meetingId: string): boolean
    /** Also one that was deleted and could be recovered. False: it does not exist. */
    deleteForGood(meetingId: string): boolean
    /** False: it does not exist. */
    changeMeeting(meetingId: string, change: MeetingChange): boolean
    /** The values of these settings, for every meeting that is made or changed from now on. */
    lockSettings(locks: Record<string, unknown>): void
    /** The same for the members of a group. */
    lockSettingsOf(groupId: string, locks: Record<string, unknown>): void
    /** Changes what every user’s settings say. A setting that becomes undefined is left out. */
    changeSettings(change: Change): void
    /** From now on Zoom refuses this time zone. */
    dropTimeZone(id: string): void
  }
  /** Where the webhooks of the account's app go. */
  webhooks: Webhooks
  /** What happens in Zoom's marketplace to the app that people sign in with. */
  marketplace: {
    /** Whether the app has any token of the person. */
    has(idOrEmail: string): boolean
    /** The person removes the app. False: there is no such person. */
    uninstall(idOrEmail: string): boolean
    /** The scopes of the app from the next token on; all that it can need by default. */
    allow(scopes?: readonly string[]): void
    /** Where its webhooks go. */
    webhooks: Webhooks
  }
  /** From now on these secrets count for the app with that client id, and no others. */
  rotate(clientId: string, ...secrets: string[]): void
  /** Ends every access token. */
  endTokens(): void
  /** Forgets meetings, sign-ins, requests, counts and every change in the portal. Tokens stay valid: the service keeps its own. */
  reset(): void
}

type Webhooks = Pick<
  ReturnType<typeof createWebhooks>,
  'subscribe' | 'unsubscribe' | 'address' | 'deliver' | 'passTime'
>

/** What the host changes of a meeting. `start_time` is in UTC, or in `timezone`. */
export type MeetingChange = Pick<MeetingBody, 'topic' | 'agenda' | 'start_time' | 'duration' | 'timezone'>

/** Context of an authorized call: the owner of its token. */
type Admitted = { Variables: { owner: 'account' | User } }

/**
 * A stand-in for Zoom: OAuth, the calls under `/v2` that scheduling needs, and a page for each join link.
 * It implements only what Zoom publishes. It refuses what Zoom refuses, and unknown fields too (see `fields.ts`).
 */
export function createZoom({
  faults,
  origin,
  now = Date.now,
  scopes = granularScopes,
  limits: plan = 'pro',
  redirectUris = [],
  post = poster(),
}: ZoomOptions): Zoom {
  const stored = new Map<number, Meeting>()
  /** What was deleted and can be recovered. */
  const deleted = new Map<number, Meeting>()
  const limits = createLimits(plan, now)
  const account = createAccount()
  const signIn = createSignIn({
    clientId: userCredentials.clientId,
    redirectUris,
    now,
    users: account.signIns,
  })
  const signedIn = (idOrEmail: string) =>
    account.signIns().find(({ id, email }) => [id, email].includes(idOrEmail))
  const exists = (user: User) => signedIn(user.id) !== undefined
  const webhooks = createWebhooks(post, credentials.webhookSecret, origin, now)
  const userWebhooks = createWebhooks(post, userCredentials.webhookSecret, origin, now)
  const { redeem } = signIn
  const oauth = createOAuth({ origin, now, scopes, redeem, exists, uninstalled: userWebhooks.deauthorized })
  const received = recorder(now)
  const droppedTimeZones = new Set<string>()
  const settings = createSettings()

  /** Zoom accepts a value for a setting that is locked, and keeps its own. */
  function locked(body: MeetingBody, host: User): MeetingBody {
    requireLanguages(body)
    return { ...body, settings: { ...regionsIn(body), ...profileIn(body), ...settings.locksOf(host) } }
  }

  /** Refuses an interpreter without two languages of the account, or without one sign language. */
  function requireLanguages({ settings: all = {} }: MeetingBody): void {
    const check = (
      kind: Parameters<typeof settings.languages>[0],
      field: 'interpreter_languages' | 'sign_language',
      count: number,
    ) => {
      const list = (all[kind] as { interpreters?: Record<string, string>[] } | undefined)?.interpreters ?? []
      const known = settings.languages(kind)
      const wrong = list.findIndex((one) => {
        const languages = new Set((one[field] ?? '').split(','))
        return languages.size !== count || [...languages].some((language) => !known.includes(language))
      })
      if (wrong >= 0) throw invalid(`settings.${kind}.interpreters[${wrong}].${field}`)
    }
    check('language_interpretation', 'interpreter_languages', 2)
    check('sign_language_interpretation', 'sign_language', 1)
  }

  /** The settings without the regions, of which Zoom says nothing later. The account has all but one. */
  function regionsIn({ settings: { additional_data_center_regions: regions, ...rest } = {} }: MeetingBody) {
    if (Array.isArray(regions) && regions.includes('CN'))
      throw invalid('settings.additional_data_center_regions')
    return rest
  }

  /** The name and the domains of the way of signing in. */
  function profileIn({ settings: { authentication_option: id } = {} }: MeetingBody) {
    if (id === undefined) return {}
    const profile = settings.profiles().find((one) => one.id === id)
    if (!profile) throw invalid('settings.authentication_option')
    const { name, domains = '' } = profile
    return { authentication_name: name, authentication_domains: domains }
  }

  const calls: { address: string; topic?: string }[] = []
  const alive = () => [...stored.values()].filter((meeting) => isAlive(meeting, now()))
  const find = (id: string) => {
    const meeting = stored.get(Number(id))
    return meeting && isAlive(meeting, now()) ? meeting : undefined
  }

  function replace(meeting: Meeting, by: Meeting): void {
    stored.set(meeting.id, by)
    webhooks.updated(meeting, by)
  }

  function remove(meeting: Meeting | undefined): boolean {
    if (!meeting || !stored.delete(meeting.id)) return false
    deleted.set(meeting.id, meeting)
    webhooks.about('meeting.deleted', meeting)
    return true
  }

  /** What is deleted for good cannot be recovered. */
  function removeForGood(id: string): boolean {
    const meeting = stored.get(Number(id)) ?? deleted.get(Number(id))
    if (!meeting) return false
    for (const all of [stored, deleted]) all.delete(meeting.id)
    webhooks.about('meeting.permanently_deleted', meeting)
    return true
  }

  function recover(meeting: Meeting): void {
    if (deleted.delete(meeting.id)) webhooks.about('meeting.recovered', meeting)
    stored.set(meeting.id, meeting)
  }

  const meetsFaults = faulty(faults, 'zoom')

  /** Checks token, scope and rate before a call is handled. A call that is refused here uses up no fault. */
  const admit =
    (permission: Permission, category: Category): MiddlewareHandler<Admitted> =>
    (c, next) => {
      c.set('owner', oauth.permit(c.req.header('authorization'), permission).owner)
      for (const [name, value] of Object.entries(limits.call(category))) c.header(name, value)
      return meetsFaults(c, next)
    }

  /** A person's token is for that person's meetings; the account's token is for those of its users. */
  function meetingOf(c: Context<Admitted>, also?: ReadonlyMap<number, Meeting>): Meeting {
    const id = c.req.param('meetingId') ?? ''
    if (!/^\d{9,11}$/.test(id)) throw new Refusal('bad meeting id')
    const gone = also?.get(Number(id))
    const meeting = gone && isAlive(gone, now()) ? gone : find(id)
    const owner = c.get('owner')
    const isTheirs = owner === 'account' ? meeting?.host.account_id === credentials.accountId : true
    if (!meeting || !isTheirs) throw new Refusal('unknown meeting', { about: id })
    if (owner !== 'account' && owner.id !== meeting.host.id) throw new Refusal('not the host')
    if (account.find(meeting.host.id)?.type === 4) throw new Refusal('may not host')
    return meeting
  }

  const app = new Hono()
  app.use(received.middleware)
  // There is no page here, but its answer has the time, which doctor reads.
  app.use('/', meetsFaults)
  app.use('/oauth/*', meetsFaults)
  app.get('/oauth/authorize', signIn.show)
  app.post('/oauth/authorize', signIn.answer)
  app.post('/oauth/token', oauth.token)
  app.post('/oauth/revoke', oauth.revoke)

  const api = new Hono<Admitted>()
  api.get('/users/:userId', admit('read user', 'Light'), (c) =>
    c.json(profile(userOf(c, account, c.get('owner')))),
  )

  api.get('/users/:userId/settings', admit('read settings', 'Medium'), (c) =>
    c.json(settings.of(userOf(c, account, c.get('owner')), optionIn(c))),
  )

  api.get('/accounts/:accountId/lock_settings', admit('read account locks', 'Medium'), (c) => {
    const id = c.req.param('accountId')
    if (!['me', credentials.accountId].includes(id)) throw new Refusal('unknown account', { about: id })
    return c.json(settings.locks(undefined, optionIn(c)))
  })

  api.get('/groups/:groupId/lock_settings', admit('read group locks', 'Medium'), (c) => {
    const id = c.req.param('groupId')
    if (!account.all().some(({ group_ids }) => group_ids?.includes(id)))
      throw new Refusal('unknown group', { about: id })
    return c.json(settings.locks(id, optionIn(c)))
  })

  api.get('/users/:userId/assistants', admit('list assistants', 'Medium'), (c) => {
    return c.json({
      assistants: account.assistants(userOf(c, account)).map(({ id, email }) => ({ id, email })),
    })
  })

  api.delete('/users/:userId/assistants/:assistantId', admit('remove assistant', 'Light'), (c) => {
    const id = c.req.param('assistantId')
    const assistant = account.find(id)
    if (!assistant) throw new Refusal('unknown user', { about: id })
    account.withdraw(userOf(c, account), assistant)
    return c.body(null, 204)
  })

  api.get('/users/:userId/schedulers', admit('list schedulers', 'Medium'), (c) => {
    return c.json({
      schedulers: account.schedulers(userOf(c, account)).map(({ id, email }) => ({ id, email })),
    })
  })

  api.post('/users/:userId/meetings', admit('create meeting', 'Medium'), async (c) => {
    const asking = hostOf(c, account, c.get('owner'))
    const body = await bodyOf(c, 'create', droppedTimeZones)
    const host = scheduledFor(asking, body, account)
    requireLicensed(body, account)
    if (body.template_id !== undefined && !templates.has(body.template_id)) throw invalid('template_id')
    limits.change(asking.id)
    const meeting = schedule(host, locked(body, host), now())
    stored.set(meeting.id, meeting)
    return c.json(detailed(meeting, origin), 201)
  })

  api.get('/users/:userId/meeting_templates', admit('list templates', 'Medium'), (c) => {
    userOf(c, account, c.get('owner'))
    const all = [...templates].map(([id, { name }]) => ({ id, name, type: 1 }))
    return c.json({ templates: all, total_records: all.length })
  })

  api.get('/users/:userId/meetings', admit('list meetings', 'Medium'), (c) => {
    const host = userOf(c, account, c.get('owner'))
    const kind = kindOf(c.req.query('type') ?? 'scheduled')
    const wanted = alive().filter((meeting) => meeting.host.id === host.id && kind(meeting, now()))
    const { page, ...rest } = paged(c, wanted)
    return c.json({ ...rest, meetings: page.map((meeting) => listed(meeting, origin)) })
  })

  api.get('/meetings/:meetingId', admit('read meeting', 'Light'), (c) => {
    return c.json(detailed(meetingOf(c), origin))
  })

  api.patch('/meetings/:meetingId', admit('update meeting', 'Light'), async (c) => {
    const meeting = meetingOf(c)
    const body = await bodyOf(c, 'update', droppedTimeZones)
    withoutOccurrence(c)
    const host = scheduledFor(meeting.host, body, account)
    requireLicensed(body, account)
    const updated = reschedule(meeting, locked(body, meeting.host), now())
    limits.change(meeting.host.id)
    replace(meeting, { ...updated, host })
    return c.body(null, 204)
  })

  api.delete('/meetings/:meetingId', admit('delete meeting', 'Light'), async (c) => {
    const meeting = meetingOf(c)
    withoutOccurrence(c)
    await limits.deletion(meeting.host.id, () => void remove(meeting))
    return c.body(null, 204)
  })

  api.put('/meetings/:meetingId/status', admit('update status', 'Light'), async (c) => {
    const meeting = meetingOf(c, deleted)
    const { action } = await bodyOf(c, 'status', droppedTimeZones)
    // `end` does nothing: no meeting is ever live here.
    if (action === 'recover') recover(meeting)
    return c.body(null, 204)
  })

  api.get('/past_meetings/:meetingId/instances', admit('list past instances', 'Medium'), (c) => {
    return c.json({ meetings: past(meetingOf(c)) })
  })

  app.route('/v2', api)
  app.get('/j/:id{[0-9]+}', (c) => {
    const id = c.req.param('id')
    const meeting =
      find(id) ?? alive().find(({ settings, host }) => settings.use_pmi && String(host.pmi) === id)
    return c.html(joinPage(c.req.param('id'), meeting, c.req.query('pwd')), meeting ? 200 : 404)
  })

  app.notFound((c) => refused(c, new Refusal('unknown path')))
  app.onError((error, c) => {
    if (error instanceof Refusal) return refused(c, error)
    throw error
  })

  return {
    app,
    meetings: () =>
      alive().map((meeting) => ({
        ...listed(meeting, origin),
        host_email: meeting.host.email,
        password: meeting.password,
      })),
    requests: received.requests,
    dialled(address) {
      const [, id = '', passcode = ''] = /^(\d{9,12})(?:\.(\d+))?@zoomcrc\.com$/.exec(address) ?? []
      const meeting = find(id)
      const isIn = meeting !== undefined && (!meeting.password || meeting.secrets.phone === passcode)
      calls.push({ address, ...(isIn && { topic: meeting.topic }) })
      return isIn ? meeting.topic : undefined
    },
    calls: () => calls,
    start(meetingId) {
      const meeting = find(meetingId)
      if (meeting) stored.set(meeting.id, hold(meeting, now()))
      return meeting !== undefined
    },
    portal: {
      users: account.all,
      removeUser(idOrEmail) {
        const user = account.remove(idOrEmail)
        for (const all of [stored, deleted])
          for (const { id, host } of all.values()) if (host.id === user?.id) all.delete(id)
        return user !== undefined
      },
      putUser: account.put,
      deleteMeeting: (meetingId) => remove(stored.get(Number(meetingId))),
      deleteForGood: removeForGood,
      changeMeeting(meetingId, change) {
        const meeting = find(meetingId)
        if (meeting) replace(meeting, reschedule(meeting, change, now()))
        return meeting !== undefined
      },
      lockSettings: (locks) => settings.lock(locks),
      lockSettingsOf: (groupId, locks) => settings.lock(locks, groupId),
      changeSettings: settings.change,
      dropTimeZone: (id) => void droppedTimeZones.add(id),
    },
    marketplace: {
      has(idOrEmail) {
        const user = signedIn(idOrEmail)
        return user !== undefined && oauth.hasTokenOf(user)
      },
      uninstall(idOrEmail) {
        const user = signedIn(idOrEmail)
        if (user) oauth.uninstall(user)
        return user !== undefined
      },
      allow: oauth.allow,
      webhooks: userWebhooks,
    },
    webhooks,
    rotate: oauth.rotate,
    endTokens: oauth.endTokens,
    reset() {
      oauth.allow()
      webhooks.reset()
      userWebhooks.reset()
      stored.clear()
      deleted.clear()
      limits.reset()
      signIn.reset()
      received.reset()
      account.reset()
      droppedTimeZones.clear()
      calls.length = 0
      settings.reset()
    },
  }
}

/** Which part of the settings is asked for. */
const optionIn = (c: Context) => c.req.query('option')

function refused(c: Context, refusal: Refusal): Response {
  return c.json(refusal.body, refusal.status, refusal.headers)
}
