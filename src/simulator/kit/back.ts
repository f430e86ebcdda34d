import type { Context } from 'hono'

/** Sends the browser back to the application that asked, with the answer and its `state` (RFC 6749, 4.1.2). */
export function back(c: Context, asked: URLSearchParams, answer: Record<string, string>): Response {
  const to = new URL(asked.get('redirect_uri') ?? '')
  const state = asked.get('state')
  for (const [name, value] of Object.entries({ ...answer, ...(state !== null && { state }) }))
    to.searchParams.set(name, value)
  return c.redirect(to.href)
}
