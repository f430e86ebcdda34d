import { check, type ObjectSchema } from './schema.ts'

/** What the add-in must know to sign a person in, from `GET /bootstrap`. */
export interface Bootstrap {
  /** Application (client) id of the registration in Entra ID. */
  readonly clientId: string
  /** `https://login.microsoftonline.com/organizations` */
  readonly authority: string
  /** `api://<client id>/access_as_user` */
  readonly scope: string
}

export const bootstrapSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['clientId', 'authority', 'scope'],
  properties: {
    clientId: { type: 'string', description: 'Application (client) id in Entra ID.' },
    authority: { type: 'string', format: 'uri', description: 'Where people sign in.' },
    scope: { type: 'string', description: "The scope of the service's API." },
  },
} as const satisfies ObjectSchema

/** Throws `unexpected`. */
export function bootstrapFrom(input: unknown): Bootstrap {
  return check<Bootstrap>(bootstrapSchema, input, 'unexpected')
}
