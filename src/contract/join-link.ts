/** Zoom's domains: everywhere, for the United States government, in China, and in Germany with Telekom. */
const domains = ['zoom.us', 'zoom.com', 'zoomgov.com', 'zoom.com.cn', 'zoom-x.de']

/** The paths that take a person into a meeting, the best first. Registration, recordings and numbers to dial do not. */
const joins = [
  /^\/[jw]\/\d{9,12}\/?$/,
  /^\/wc\/(join\/\d{9,12}|\d{9,12}\/join)\/?$/,
  // A personal link is often in a signature too.
  /^\/my\/[\w.-]+\/?$/,
]
/** A host starts the meeting with it, and a guest joins. */
const starts = [/^\/(s\/\d{9,12}|wc\/\d{9,12}\/start)\/?$/]

/**
 * What mail gateways and calendars make of a link: by host and path, how the address inside is read. Those that keep the
 * address to themselves, such as Mimecast, cannot be unwrapped.
 */
const wrappers: readonly [host: RegExp, path: RegExp, inside: (url: URL) => string | null | undefined][] = [
  // Microsoft Defender, "Safe Links".
  [/\.safelinks\.protection\.(outlook\.com|office365\.us)$/, /^\//, parameter('url')],
  // Google Calendar shows links in descriptions in this form.
  [/^(www\.)?google\.com$/, /^\/url$/, (url) => parameter('q')(url) ?? parameter('url')(url)],
  // Proofpoint, "URL Defense".
  [/^urldefense\.(proofpoint\.)?com$/, /^\/v1\/url$/, parameter('u')],
  [/^urldefense\.(proofpoint\.)?com$/, /^\/v2\/url$/, secondDefense],
  [/^urldefense\.((proofpoint\.)?com|us)$/, /^\/v3\//, thirdDefense],
  // Barracuda, "Link Protection".
  [/^linkprotect\.cudasvc\.com$/, /^\/url$/, parameter('a')],
  // Cisco, "Secure Email".
  [/^secure-web\.cisco\.com$/, /^\/[^/]+\/[^/]+$/, (url) => decoded(url.pathname.split('/')[2] ?? '')],
]
/** Of wrappers in wrappers. */
const deepest = 5

/** Characters of one text, and of one address in it. */
const longest = { text: 1_000_000, address: 10_000 }

type LinkFinder = (...places: readonly (string | undefined)[]) => string | undefined

/**
 * Finds the address that joins the Zoom meeting of an event, by `https` at one of Zoom's domains, or at this origin, as
 * where Zoom is played. `places`: the texts that may have it, the most reliable first, each of them HTML or plain text. Of
 * several in one place the first one is taken. A link that starts the meeting is taken if no place has another. Undefined:
 * there is none.
 */
export const joinLinksAt =
  (zoom?: string): LinkFinder =>
  (...places) => {
    const found = places.map((place) =>
      addressesIn(place ?? '').flatMap((address) => atZoom(address) ?? ownLink(address, zoom) ?? []),
    )
    const [best] = [joins, starts].flatMap((forms) =>
      found.flatMap((urls) =>
        forms.flatMap((form) => urls.find(({ pathname }) => form.test(pathname)) ?? []),
      ),
    )
    return best?.href
  }

function ownLink(address: string, zoom: string | undefined): URL | undefined {
  const url = zoom === undefined ? undefined : parsed(address)
  if (url?.protocol !== 'https:' || url.username || url.password) return undefined
  return url.origin === zoom ? url : undefined
}

/** The visible characters of ASCII that an address may have. Zoom and the wrappers write no others. */
const words = /[!#-&(-;=?-[\]_a-z~]+/g
/** An address that a person has typed without its scheme. */
const typed = new RegExp(`^[(\\[]*((?:[a-z0-9-]+\\.)*(?:${domains.join('|').replaceAll('.', '\\.')})/)`, 'i')

/** What looks like an address of `https`, in the order of the text. */
function addressesIn(text: string): string[] {
  const whole = text
    .slice(0, longest.text)
    // Characters that are not seen, and the soft line breaks of quoted-printable (RFC 2045).
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]|=\r?\n/g, '')
    // A line break between angle brackets is not part of the address (RFC 3986, appendix C).
    .replace(/<https:[^<>"]*>/gi, (address) => address.replace(/\s+/g, ''))
  return (whole.match(words) ?? []).flatMap((word) => word.split(/[,;](?=https?:)/i)).flatMap(addressIn)
}

function addressIn(word: string): string | [] {
  if (word.length > longest.address) return []
  const at = word.search(/https?:\/\//i)
  if (at >= 0) return trimmed(word.slice(at))
  return typed.test(word) ? trimmed(word.replace(typed, 'https://$1')) : []
}

/** Without the entities of HTML, and without what follows the address in its sentence. */
function trimmed(address: string): string {
  const [plain = ''] = unescaped(unescaped(address)).split(/[\s<>"']|&nbsp;/)
  let end = plain.length
  while (end > 0 && '.,;:!?)]*~&'.includes(plain.charAt(end - 1))) end--
  return plain.slice(0, end)
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', equals: '=' }
const unescaped = (text: string) =>
  text.replace(/&(?:#(\d{1,4})|#x([\da-f]{1,4})|(amp|lt|gt|quot|equals));/gi, (_, decimal, hex, name) =>
    name
      ? (entities[name.toLowerCase()] ?? '')
      : String.fromCharCode(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  )

/** The address at Zoom that this one is, or wraps. Undefined: it is none. */
function atZoom(address: string, depth = 0): URL | undefined {
  const url = parsed(address)
  if (url?.protocol !== 'https:' || url.username || url.password || url.port || depth > deepest)
    return undefined
  if (domains.some((domain) => `.${url.hostname}`.endsWith(`.${domain}`))) {
    // Zoom's page adds `#success` once somebody has joined. What follows a semicolon or a comma is the next place.
    return parsed(url.href.replace(/[#;,].*$/, ''))
  }
  const wrapper = wrappers.find(([host, path]) => host.test(url.hostname) && path.test(url.pathname))
  const inside = wrapper?.[2](url)
  return inside ? atZoom(inside, depth + 1) : undefined
}

function parsed(address: string): URL | undefined {
  try {
    return new URL(address)
  } catch {
    return undefined
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function parameter(name: string) {
  return ({ searchParams }: URL) => searchParams.get(name)
}

/** `-3A` for `%3A`, and `_` for `/`. */
function secondDefense({ searchParams }: URL): string | undefined {
  return decoded((searchParams.get('u') ?? '').replace(/-/g, '%').replace(/_/g, '/'))
}

/**
 * The address is between two pairs of underscores. `*` is a character of the list that follows in base64url, and `**` with
 * a letter is a run of them: `A` for two, `B` for three.
 */
function thirdDefense({ href }: URL): string | undefined {
  const [, address, list = ''] = /\/v3\/__(.+?)__;([\w-]*)/.exec(href) ?? []
  if (!address) return undefined
  const characters = bytesOf(list)
  let next = 0
  return address.replace(/\*\*([\w-])|\*/g, (_, length?: string) => {
    const from = next
    next += length ? lengths.indexOf(length) + 2 : 1
    return characters.slice(from, next)
  })
}
const lengths = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

function bytesOf(base64url: string): string {
  try {
    return atob(base64url.replace(/-/g, '+').replace(/_/g, '/'))
  } catch {
    return ''
  }
}
