// Compiled, never run: what the add-in cannot even name.
import type { Item, Readable, Writable } from '../../src/addin/outlook/item.ts'
import type * as tidying from '../../src/addin/outlook/tidy.ts'

declare const item: Item
declare const readable: Readable
declare const writable: Writable

readable.subject.getAsync(() => {})
writable.body.prependAsync('', () => {})

// @ts-expect-error: attendees cannot be read
item.requiredAttendees
// @ts-expect-error: nor optional ones
item.optionalAttendees
// @ts-expect-error: nor who organises
item.organizer
// @ts-expect-error: nor the text
writable.body.getAsync('html', () => {})
// @ts-expect-error: nor can the text be replaced
writable.body.setAsync('', () => {})
// @ts-expect-error: the location cannot be read
item.location
// @ts-expect-error: not even its parts
writable.enhancedLocation?.getAsync(() => {})
// @ts-expect-error: attachments cannot be read
item.getAttachmentsAsync

declare const { tidy }: typeof tidying
// The one file that reads the text says whether our link stands there no more, and nothing else.
tidy({ joinUrl: '', text: '' }) satisfies Promise<boolean>
// @ts-expect-error: what it reads by has no name anywhere else
export type Door = tidying.Legible
