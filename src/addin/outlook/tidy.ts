import { ask } from './ask.ts'
import { fingerprint, marker, opening } from './invitation.ts'

/** The text of the appointment. This is the one file that can name what reads it and what puts it back. */
interface Legible {
  body: Pick<Office.Body, 'getTypeAsync' | 'getAsync' | 'setAsync'>
}

/** An invitation of ours: the link in it, and the fingerprint of what we wrote. */
interface Invitation {
  joinUrl: string
  text: string | undefined
}

/**
 * Takes our invitation out of the text, and nothing else: what is read here goes back to Outlook and nowhere else. One
 * that somebody has written into is theirs and stays. Answers whether its link stands there no more.
 */
export async function tidy(invitation: Invitation): Promise<boolean> {
  const { body } = Office.context.mailbox.item as unknown as Legible
  const coercionType = await ask<Form>((done) => body.getTypeAsync(done as never))
  const whole = await ask<string>((done) => body.getAsync(coercionType, done))
  const rest = await without[coercionType](whole, invitation)
  if (rest !== whole) await ask<void>((done) => body.setAsync(rest, { coercionType }, done))
  return ![invitation.joinUrl, escaped(invitation.joinUrl)].some((link) => rest.includes(link))
}

/** What a text is written in; the only ones there are. */
type Form = `${Office.CoercionType.Html | Office.CoercionType.Text}`

/** The text, letter by letter, without the invitation. */
const without: Record<Form, (whole: string, invitation: Invitation) => Promise<string>> = {
  async html(whole, invitation) {
    // Put back, a picture that is kept beside the text loses its tie to it in some Outlooks.
    if (/<[^>]+\b(cid|blob):/i.test(whole)) return whole
    let rest = whole
    for (const { index } of [...whole.matchAll(opened)].reverse()) {
      const end = endOf(whole, index)
      if (!(await isOurs(whole.slice(index, end), invitation))) continue
      rest = rest.slice(0, index) + rest.slice(end).replace(/^\s*<br\b[^>]*>/i, '')
    }
    return rest
  },

  async text(whole, invitation) {
    for (let start = whole.indexOf(opening); start >= 0; start = whole.indexOf(opening, start + 1)) {
      for (const end of lineEnds(whole, start)) {
        const block = whole.slice(start, end)
        if (!block.includes(invitation.joinUrl) || (await fingerprint(block)) !== invitation.text) continue
        return whole.slice(0, start) + whole.slice(end).replace(/^(\r?\n){1,2}/, '')
      }
    }
    return whole
  },
}

const opened = new RegExp(`<div\\b[^>]*\\sid=["']?(?:x_)*${marker}["'\\s>]`, 'gi')

/** Where the element that begins at `start` ends; at `start`, if it never does. */
function endOf(html: string, start: number): number {
  let depth = 0
  for (const { 0: tag, index } of html.slice(start).matchAll(/<\/?div\b[^>]*>/gi)) {
    depth += tag.startsWith('</') ? -1 : 1
    if (depth === 0) return start + index + tag.length
  }
  return start
}

/** What Outlook makes of our markup. A picture or a table in it is the person's. */
const markup = new Set(['div', 'p', 'br', 'a', 'b', 'strong', 'span', 'font', 'u', 'o:p'])

async function isOurs(block: string, { joinUrl, text }: Invitation): Promise<boolean> {
  const { body } = new DOMParser().parseFromString(block, 'text/html')
  const elements = [...body.querySelectorAll('*')]
  return (
    elements.every(({ localName }) => markup.has(localName)) &&
    elements.some((element) => element.getAttribute('href') === joinUrl) &&
    (await fingerprint(body.textContent ?? '')) === text
  )
}

/** No invitation has more lines. */
const mostLines = 20

function lineEnds(text: string, start: number): number[] {
  const ends = [...text.slice(start).matchAll(/\r?$/gm)].map(({ index }) => start + index)
  return ends.slice(0, mostLines)
}

const escaped = (link: string) => link.replace(/&/g, '&amp;')
