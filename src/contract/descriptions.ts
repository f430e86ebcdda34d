import type { ObjectSchema } from './schema.ts'

/** OpenAPI's descriptions of the fields. They are not in the schemas, because the add-in's smallest files have those too. */
export const appointmentDescriptions = {
  subject: "The title. Outlook's limit is 255 characters.",
  start: { format: 'date-time', description: 'When it begins, in UTC.' },
  minutes: 'How long it lasts; a year at most.',
  timeZone:
    'The time zone as Outlook names it, `W. Europe Standard Time`. Any other value counts as none: Zoom then shows the start in the zone of the host.',
  recurring: 'Whether it repeats.',
}

export const meetingDescriptions = {
  id: "Zoom's meeting id.",
  joinUrl: { format: 'uri', description: 'The link people join by.' },
  passcode: 'What Zoom asks of whoever joins without the link.',
  dialIn: 'Telephone numbers, one a line.',
  ticket: 'A bearer that can change the facts of this one meeting, until it is over. A newer one ends it.',
}

export const bootstrapDescriptions = {
  clientId: 'Application (client) id in Entra ID.',
  authority: { format: 'uri', description: 'Where people sign in.' },
  scope: "The scope of the service's API.",
  exchange: "Whether Exchange servers' identity tokens are accepted.",
  zoomLogin: 'Whether a sign-in to Zoom can prove whose Zoom account it is.',
  google: 'What connecting a Google calendar allows. Missing: nobody can connect one with this service.',
  zoomConnect: 'Whether people can connect their own Zoom account.',
  everyMeeting:
    'Whether there is anybody whose new appointments all get a Zoom meeting. `GET /me` says whose.',
  calendar:
    'What connecting a Microsoft 365 calendar allows. Missing: nobody can connect one with this service.',
}

/** The schema with each field's description. */
export function described(schema: ObjectSchema, descriptions: Record<string, string | object>): object {
  const properties = Object.entries(schema.properties).map(([field, form]) => [
    field,
    { ...form, ...asObject(descriptions[field]) },
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}

const asObject = (said: string | object | undefined) =>
  typeof said === 'object' ? said : { description: said }
