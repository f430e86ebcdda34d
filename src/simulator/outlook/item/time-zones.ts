import cldr from 'cldr-core/supplemental/windowsZones.json'
import moment from 'moment-timezone'

/** Windows time zones, as mailboxes name them, with the IANA name that zone data goes by. */
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
  return 0 - clock(zone).utcOffset(at)
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
  const moves = (at: number) => offsetAt(at - minute, zone) !== offsetAt(at, zone)
  const changes = clock(zone).untils.filter((at) => from < at && at < to && moves(at))
  return [from, ...changes].map((start, row) => ({
    start,
    end: changes[row] ?? to,
    offset: offsetAt(start, zone),
  }))
}

/** A zone's clock from a package, not from the machine: every Node and every browser shows the same. */
function clock(zone: string): moment.MomentZone {
  const found = moment.tz.zone(iana.get(zone) ?? zone)
  if (!found) throw new RangeError(`There is no time zone "${zone}".`)
  return found
}

function signed(offset: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const size = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
