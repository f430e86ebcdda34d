import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { appTokensFrom, feedPaths, type OwnApp } from '../../../src/contract/feed.ts'
import { paths } from '../../../src/contract/paths.ts'
import type { Person } from '../../../src/simulator/people.ts'
import { ada, entraClientSecret, variables } from '../kit.ts'

/** What a service needs so that people can sign in to apps. */
export const withApps = { ENTRA_CLIENT_SECRET: entraClientSecret, CALENDAR_SYNC: false } as const
export const issuer = variables.PUBLIC_URL
/** The redirect addresses of the app at Zoom by which people sign in to the add-in and to apps. */
export const zoomRedirectUris = [paths.zoomLoginCallback, '/apps/sign-in/zoom'].map((path) => issuer + path)

/** What a browser shows or was sent to at last. */
export interface Shown {
  status: number
  headers: Headers
  /** Where the browser is. Of an app's own address nothing is fetched. */
  url: URL
  text: string
}

/** A browser with cookies, which goes where it is sent. The public address leads to `origin`. `from`: its own address. `sentOn`: hears the status of each redirect of the service. */
export function browser(origin: string, from?: string, sentOn: (status: number) => void = () => {}) {
  const cookies = new Map<string, { value: string; path: string }>()

  async function go(address: string | URL, form?: Record<string, string>): Promise<Shown> {
    const url = new URL(address, issuer)
    const isOurs = url.origin === issuer
    const isApps = !isOurs && (url.protocol !== 'http:' || url.pathname === '/')
    if (isApps) return { status: 0, headers: new Headers(), url, text: '' }
    const sent = [...cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
    const answer = await fetch(isOurs ? url.href.replace(issuer, origin) : url, {
      redirect: 'manual',
      headers: {
        ...(isOurs && { cookie: sent.join('; ') }),
        ...(from && { 'x-forwarded-for': from }),
      },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    if (isOurs) for (const line of answer.headers.getSetCookie()) keep(line)
    const location = answer.headers.get('location')
    if (location) {
      if (isOurs) sentOn(answer.status)
      await answer.body?.cancel()
      return go(new URL(location, url))
    }
    return { status: answer.status, headers: answer.headers, url, text: await answer.text() }
  }

  function keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    const path = /path=([^;]+)/i.exec(line)?.[1] ?? '/'
    if (!/;\s*secure/i.test(line) || !/;\s*httponly/i.test(line))
      throw new Error(`A careless cookie: ${name}`)
    if (/expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name)
    else cookies.set(name, { value, path })
  }

  return {
    go,
    cookies,
    /** Sends the form of the page with a button. */
    press: (shown: Shown, button: Record<string, string>) =>
      go(shown.url, { ...hiddenIn(shown.text), ...button }),
    /** Chooses a person on Entra's page. */
    choose: (shown: Shown, person: Person = ada) => go(shown.url, { person: person.objectId }),
  }
}

const hiddenIn = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  ) as Record<string, string>

export function proofKey() {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** What an app asks for in the browser. A value of undefined is left out. */
export function authorizeAddress(
  challenge: string,
  changes: Record<string, string | undefined> = {},
): string {
  const asked = {
    client_id: 'upcoming-terminal' satisfies OwnApp,
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:49152/',
    scope: 'feed meetings',
    state: 'the-state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  return `${feedPaths.authorize}?${new URLSearchParams(given(asked))}`
}

const given = (asked: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== undefined))

export interface TokenAnswer {
  status: number
  body: Record<string, unknown>
}

/** An app that talks to the service at `origin`. */
export function appAt(origin: string, from?: string) {
  async function post(path: string, form: Record<string, string>): Promise<TokenAnswer> {
    const headers = from ? { 'x-forwarded-for': from } : {}
    const answer = await fetch(origin + path, { method: 'POST', headers, body: new URLSearchParams(form) })
    const text = await answer.text()
    return { status: answer.status, body: text ? JSON.parse(text) : {} }
  }
  const token = (form: Record<string, string>) => post(feedPaths.token, form)

  /** The browser's part of a sign-in: the address at which the app is called back. */
  async function authorize(changes: Record<string, string | undefined> = {}, person?: Person) {
    const key = proofKey()
    const at = browser(origin, from)
    const first = await at.go(authorizeAddress(key.challenge, changes))
    const entra = first.url.pathname === '/apps/sign-in' ? await at.press(first, { answer: 'entra' }) : first
    const back = entra.url.pathname.endsWith('/authorize') ? await at.choose(entra, person) : entra
    return { ...key, back, at }
  }
  const redeem = (code: string, verifier: string, changes: Record<string, string | undefined> = {}) =>
    token(
      given({
        grant_type: 'authorization_code',
        client_id: 'upcoming-terminal',
        redirect_uri: 'http://127.0.0.1:49152/',
        code,
        code_verifier: verifier,
        ...changes,
      }),
    )

  return {
    post,
    token,
    authorize,
    redeem,
    refresh: (refresh_token: string) =>
      token({ grant_type: 'refresh_token', client_id: 'upcoming-terminal', refresh_token }),
    /** Signs in from the first click to the first tokens. */
    async signIn(person?: Person) {
      const { back, verifier } = await authorize({}, person)
      const { status, body } = await redeem(back.url.searchParams.get('code') ?? '', verifier)
      if (status !== 200) throw new Error(`The token endpoint answered ${status} ${JSON.stringify(body)}`)
      const { access_token, refresh_token = '' } = appTokensFrom(body)
      return { accessToken: access_token, refreshToken: refresh_token }
    },
    /**
     * The same for a mailbox on an Exchange server, at Zoom, as this user. A token that Zoom revokes takes the others of its
     * user with it, and that of another sign-in is revoked a moment after its answer: who meets that tries again.
     */
    async signInAtZoom(
      zoomUserId: string,
      tries = 20,
    ): Promise<{ accessToken: string; refreshToken: string }> {
      const { challenge, verifier } = proofKey()
      const at = browser(origin, from)
      const zoom = await at.press(await at.go(authorizeAddress(challenge)), { answer: 'zoom' })
      const { url } = await at.go(zoom.url, { person: zoomUserId, allow: 'yes' })
      if (url.searchParams.get('error_description') === 'zoom_unreachable' && tries > 0) {
        await pause(50)
        return this.signInAtZoom(zoomUserId, tries - 1)
      }
      const { status, body } = await redeem(url.searchParams.get('code') ?? '', verifier)
      if (status !== 200) throw new Error(`Zoom's answer was ${url.search}`)
      const { access_token, refresh_token = '' } = appTokensFrom(body)
      return { accessToken: access_token, refreshToken: refresh_token }
    },
    async get(path: string, accessToken: string): Promise<TokenAnswer> {
      const answer = await fetch(origin + path, { headers: { authorization: `Bearer ${accessToken}` } })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    },
  }
}

/** One event of a stream of hints. */
export interface Hint {
  event: string
  id?: string
  data: string
  /** Milliseconds since 1970. */
  at: number
}

/** An open stream of hints. */
export async function hear(origin: string, accessToken: string, since?: string) {
  const leaving = new AbortController()
  const answer = await fetch(origin + feedPaths.hints, {
    headers: { authorization: `Bearer ${accessToken}`, ...(since && { 'last-event-id': since }) },
    signal: leaving.signal,
  })
  const hints: Hint[] = []
  const raw: string[] = []
  let isOver = false
  const reading = (async () => {
    let text = ''
    for await (const bytes of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      const piece = Buffer.from(bytes).toString()
      raw.push(piece)
      text += piece
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line): [string, string] => {
            const [name = '', value = ''] = line.split(/: ?/, 2)
            return [name, value]
          }),
        )
        const event = fields.get('event')
        const id = fields.get('id')
        if (event) hints.push({ event, data: fields.get('data') ?? '', at: Date.now(), ...(id && { id }) })
      }
    }
  })()
    .catch(() => {})
    .finally(() => {
      isOver = true
    })
  return {
    status: answer.status,
    headers: answer.headers,
    hints,
    raw,
    isOver: () => isOver,
    async leave() {
      leaving.abort()
      await reading
    },
  }
}
