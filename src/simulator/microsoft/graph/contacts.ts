import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Callers } from './callers.ts'
import { GraphError } from './errors.ts'

const sent = z.object({ displayName: z.string() })

/**
 * The contacts of a person: enough to show what a token opens. Source: Microsoft Graph, "List contacts", "Create contact"
 * and "contact resource type".
 */
export function createContacts(origin: string, callers: Callers) {
  const kept = new Map<string, object[]>()

  async function ownerOf(c: Context, permission: RegExp) {
    const { objectId } = callers.ownerFor(await callers.callerOf(c, permission), c.req.param('user') ?? 'me')
    const context = `${origin}/v1.0/$metadata#users('${objectId}')/contacts`
    return { objectId, context, contacts: kept.get(objectId) ?? [] }
  }

  const app = new Hono()
  for (const path of ['/me/contacts', '/users/:user/contacts']) {
    app.get(path, async (c) => {
      const { context, contacts } = await ownerOf(c, /^Contacts\.Read(Write)?$/)
      return c.json({ '@odata.context': context, value: contacts })
    })
    app.post(path, async (c) => {
      const { objectId, context, contacts } = await ownerOf(c, /^Contacts\.ReadWrite$/)
      const { data } = sent.safeParse(await c.req.json().catch(() => undefined))
      if (!data) throw new GraphError('BadRequest')
      const time = new Date().toISOString()
      const contact = {
        id: `AAMk${randomUUID()}`,
        createdDateTime: time,
        lastModifiedDateTime: time,
        displayName: data.displayName,
        emailAddresses: [],
      }
      kept.set(objectId, [...contacts, contact])
      return c.json({ '@odata.context': `${context}/$entity`, ...contact }, 201)
    })
  }
  return { app, reset: () => kept.clear() }
}
