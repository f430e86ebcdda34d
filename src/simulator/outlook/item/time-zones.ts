import cldr from 'cldr-core/supplemental/windowsZones.json'

/** Windows time zones, as mailboxes name them, with the IANA name browsers calculate with. */
const iana = new Map(
  cldr.supplemental.windowsZones.mapTimezones
    .filter(({ mapZone }) => mapZone._territory === '001')
    .map(({ mapZone }) => [mapZone._other, mapZone._type] as const),
)

/** The Windows name of a zone that a computer calls by its IANA name. */
export function windowsName(zone: string): string {
  const { mapTimezones } = cldr.supplemental.windowsZones
  const found = mapTimezones.find(({ mapZone }) => mapZone._type.split(' ').includes(zone))
  return found?.mapZone._other ?? 'UTC'
}

const minute = 60_000
const day = 24 * 60 * minute

/** Every zone the form offers, from west to east. */
export function zones(now: number): { name: string; says: string }[] {
  return [...iana.keys()]
    .map((name) => ({ name, offset: offsetAt(now, name) }))
    .sort((a, b) => a.offset - b.offset || a.name.localeCompare(b.name))
    .map(({ name, offset }) => ({ name, says: `${name} (UTC${signed(offset)})` }))
}

/** Minutes a zone is ahead of UTC at an instant. */
export function offsetAt(at: number, zone: string): number {
  const parts = clock(zone).formatToParts(at)
  const [, sign, hours = '0', minutes = '0'] =
    /GMT([+-])(\d+):(\d+)/.exec(parts.find((p) => p.type === 'timeZoneName')?.value ?? '') ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** What a wall clock in the zone shows at an instant: `2026-11-24T10:00`. */
export function wallTime(at: number, zone: string): string {
  return new Date(at + offsetAt(at, zone) * minute).toISOString().slice(0, 16)
}

/** The instant at which a wall clock in the zone shows this. */
export function instantOf(wall: string, zone: string): number {
  const asUtc = Date.parse(`${wall}Z`)
  const before = asUtc - offsetAt(asUtc - day, zone) * minute
  const after = asUtc - offsetAt(asUtc + day, zone) * minute
  // A clock shows some times twice in autumn: the first counts. Some never in spring: they move on by the gap.
  return [before, after].find((at) => wallTime(at, zone) === wall) ?? before
}

/** A zone's offsets over a span, one row each: how Outlook hands an add-in the mailbox's clock. */
export function offsets(
  zone: string,
  from: number,
  to: number,
): { start: number; end: number; offset: number }[] {
  const rows = [{ start: from, end: to, offset: offsetAt(from, zone) }]
  for (let at = from; at < to; at += 7 * day) {
    const last = rows[rows.length - 1]
    const next = Math.min(at + 7 * day, to)
    if (!last || offsetAt(next, zone) === last.offset) continue
    last.end = changeBetween(at, next, zone)
    rows.push({ start: last.end, end: to, offset: offsetAt(next, zone) })
  }
  return rows
}

function changeBetween(early: number, late: number, zone: string): number {
  if (late - early <= minute) return late
  const middle = early + Math.floor((late - early) / 2 / minute) * minute
  return offsetAt(middle, zone) === offsetAt(early, zone)
    ? changeBetween(middle, late, zone)
    : changeBetween(early, middle, zone)
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clock(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en', {
    timeZone: iana.get(zone) ?? zone,
    timeZoneName: 'longOffset',
  })
  clocks.set(zone, made)
  return made
}

function signed(offset: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const size = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
