import sax from 'sax'

/** An element of an answer. Names are without their prefix; text is text, whatever it looks like. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** Its own text, without that of its children. */
  readonly text: string
}

/** An answer of Exchange is a dozen elements deep. */
const deepest = 64
/** More than the largest page has of both. Memory and time are bounded by them and by the size of the text. */
const [mostElements, mostAttributes] = [100_000, 16]

/** The text is no XML that we read: not well-formed, with a document type, too deep or too long. */
export class NotXml extends Error {
  constructor() {
    super('The answer is no XML that is read here')
    this.name = 'NotXml'
  }
}

interface Open {
  name: string
  attributes: Record<string, string>
  children: Open[]
  text: string
}

/**
 * Reads a document. Nothing outside the text is read. A document type is refused where it ends, so no element comes after it,
 * and what it declares is never used. Throws `NotXml`.
 */
export function parseXml(text: string): Element {
  const parser = sax.parser(true)
  const open: Open[] = []
  let root: Open | undefined
  let [count, attributes] = [0, 0]
  const refuse = () => {
    throw new NotXml()
  }
  parser.onerror = refuse
  parser.onsgmldeclaration = refuse
  parser.ondoctype = refuse
  parser.onopentagstart = () => {
    attributes = 0
    if (++count > mostElements || open.length >= deepest) refuse()
  }
  parser.onattribute = () => {
    if (++attributes > mostAttributes) refuse()
  }
  parser.onopentag = ({ name, attributes }) => {
    const values = Object.entries(attributes).map(([key, value]) => [local(key), String(value)])
    const element = { name: local(name), attributes: Object.fromEntries(values), children: [], text: '' }
    const parent = open.at(-1)
    if (parent) parent.children.push(element)
    else if (root) refuse()
    root ??= element
    open.push(element)
  }
  parser.onclosetag = () => void open.pop()
  const add = (part: string) => {
    const element = open.at(-1)
    if (element) element.text += part
  }
  parser.ontext = add
  parser.oncdata = add
  try {
    parser.write(text).close()
  } catch {
    throw new NotXml()
  }
  if (!root) throw new NotXml()
  return root
}

const local = (name: string) => name.slice(name.indexOf(':') + 1)

/** The children of this name. */
export const all = ({ children }: Element, name: string) => children.filter((child) => child.name === name)

/** The first element along a path of names. Undefined: there is none. */
export function at(element: Element | undefined, ...path: string[]): Element | undefined {
  return path.reduce<Element | undefined>(
    (found, name) => found?.children.find((child) => child.name === name),
    element,
  )
}

/** The first element of this name at any depth, in the order of the text. */
export function anywhere(element: Element, name: string): Element | undefined {
  if (element.name === name) return element
  for (const child of element.children) {
    const found = anywhere(child, name)
    if (found) return found
  }
  return undefined
}

/** A text, as it stands in XML 1.0: what XML cannot say is left out. */
export const escaped = (text: string) =>
  text
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
