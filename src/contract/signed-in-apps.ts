import { Problem } from './problems.ts'
import { check, type FromSchema, type ObjectSchema } from './schema.ts'

export const signedInAppSchema = {
  type: 'object',
  description: 'An app that the caller has signed in to.',
  additionalProperties: false,
  required: ['id', 'name', 'begunAt', 'usedAt'],
  properties: {
    id: { type: 'string', pattern: '^[0-9]{1,18}$', description: 'Of its session.' },
    name: { type: 'string', description: 'What the app is called.' },
    begunAt: { type: 'string', description: 'When the caller signed in: an instant in UTC (RFC 3339).' },
    usedAt: { type: 'string', description: 'When the app last got tokens: an instant in UTC (RFC 3339).' },
  },
} as const satisfies ObjectSchema

export type SignedInApp = FromSchema<typeof signedInAppSchema>

/** Of `{ apps: [...] }`. Throws `unexpected`. */
export function signedInAppsFrom(input: unknown): SignedInApp[] {
  const { apps } = Object(input) as { apps?: unknown }
  if (!Array.isArray(apps)) throw new Problem('unexpected')
  return apps.map((app) => check(signedInAppSchema, app, 'unexpected'))
}
