import { askAgain } from './ask.ts'
import { fingerprint, fingerprintLength, logoMarker, marker } from './invitation.ts'

/** The text of the appointment. Only this file has the members that read and replace it. */
interface Legible {
  body: Pick<Office.Body, 'getTypeAsync' | 'getAsync' | 'setAsync'>
}

/** An invitation that we wrote: its join link, and its fingerprint. */
interface Invitation {
  joinUrl: string
  text: string | undefined
}

/**
 * Takes our invitation out of the text. The text that is read here goes back to Outlook and nowhere else. An invitation
 * that somebody has edited stays. Returns whether the join link is no longer in the text.
 */
export async function tidy(invitation: Invitation): Promise<boolean> {
  const { body } = Office.context.mailbox.item as unknown as Legible
  const coercionType = await askAgain<Form>((done) => body.getTypeAsync(done as never))
  const whole = await askAgain<string>((done) => body.getAsync(coercionType, done))
  const rest = await without[coercionType](whole, invitation)
  if (rest !== whole) await askAgain<void>((done) => body.setAsync(rest, { coercionType }, done))
  return ![invitation.joinUrl, escaped(invitation.joinUrl)].some((link) => rest.includes(link))
}

/** The formats that a text can have. */
type Form = `${Office.CoercionType.Html | Office.CoercionType.Text}`

/** Returns the text without the invitation, and otherwise unchanged. */
const without: Record<Form, (whole: string, invitation: Invitation) => Promise<string>> = {
  async html(whole, invitation) {
    // In some Outlooks, replacing a text breaks its references to inline images.
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
    for (const start of openings(whole, invitation.joinUrl)) {
      for (const end of lineEnds(whole, start)) {
        const block = whole.slice(start, end)
        if (!block.includes(invitation.joinUrl) || (await fingerprint(block)) !== ofText(invitation.text))
          continue
        return whole.slice(0, start) + whole.slice(end).replace(/^(\r?\n){1,2}/, '')
      }
    }
    return whole
  },
}

const opened = new RegExp(`<div\\b[^>]*\\sid=["']?(?:x_)*${marker}["'\\s>]`, 'gi')

/** The end of the element that begins at `start`; `start` if it is never closed. */
function endOf(html: string, start: number): number {
  let depth = 0
  for (const { 0: tag, index } of html.slice(start).matchAll(/<\/?div\b[^>]*>/gi)) {
    depth += tag.startsWith('</') ? -1 : 1
    if (depth === 0) return start + index + tag.length
  }
  return start
}

/** The elements that Outlook turns our markup into. Any other, such as an image or a table, was added by the person. */
const markup = new Set(['div', 'p', 'br', 'a', 'b', 'strong', 'span', 'font', 'u', 'o:p'])

async function isOurs(block: string, { joinUrl, text }: Invitation): Promise<boolean> {
  const { body } = new DOMParser().parseFromString(block, 'text/html')
  const elements = [...body.querySelectorAll('*')]
  return (
    elements.every(({ localName, id }) => markup.has(localName) || isLogo(localName, id)) &&
    elements.some((element) => element.getAttribute('href') === joinUrl) &&
    (await fingerprint(body.textContent ?? '')) === ofHtml(text)
  )
}

const isLogo = (name: string, id: string) => name === 'img' && id.replace(/^(x_)*/, '') === logoMarker

/** The fingerprint of the invitation as HTML, and as plain text. */
const ofHtml = (text: string | undefined) => text?.slice(0, fingerprintLength)
const ofText = (text: string | undefined) => text?.slice(-fingerprintLength)

/** How many lines before its join link an invitation may begin: those of its template, and Outlook may put empty ones between. */
const linesBefore = 40

/** Where our invitation may begin, in whatever language it is: at the line of its join link, or shortly before. The nearest is first. */
function openings(text: string, joinUrl: string): number[] {
  const lines = [...text.matchAll(/^/gm)].map(({ index }) => index)
  const found: number[] = []
  for (let link = text.indexOf(joinUrl); link >= 0; link = text.indexOf(joinUrl, link + 1))
    found.push(
      ...lines
        .filter((line) => line <= link)
        .slice(-1 - linesBefore)
        .reverse(),
    )
  return found
}

/** The most lines that an invitation can have. */
const mostLines = 100

function lineEnds(text: string, start: number): number[] {
  const ends = [...text.slice(start).matchAll(/\r?$/gm)].map(({ index }) => start + index)
  return ends.slice(0, mostLines)
}

const escaped = (link: string) => link.replace(/&/g, '&amp;')
