import cldr from 'cldr-core/supplemental/windowsZones.json'
import moment from 'moment-timezone'

/** Windows time zone, as mailboxes name it → IANA name, which zone data needs. */
const iana = new Map(
  cldr.supplemental.windowsZones.mapTimezones
    .filter(({ mapZone }) => mapZone._territory === '001')
    .map(({ mapZone }) => [mapZone._other, mapZone._type] as const),
)

/** The Windows name of an IANA zone. */
export function windowsName(zone: string): string {
  const { mapTimezones } = cldr.supplemental.windowsZones
  const found = mapTimezones.find(({ mapZone }) => mapZone._type.split(' ').includes(zone))
  return found?.mapZone._other ?? 'UTC'
}

const minute = 60_000
const day = 24 * 60 * minute

/** The zones in the form, from west to east. */
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

/** Local time in the zone at an instant: `2026-11-24T10:00`. */
export function wallTime(at: number, zone: string): string {
  return new Date(at + offsetAt(at, zone) * minute).toISOString().slice(0, 16)
}

/** The instant of a local time in the zone. */
export function instantOf(wall: string, zone: string): number {
  const asUtc = Date.parse(`${wall}Z`)
  const before = asUtc - offsetAt(asUtc - day, zone) * minute
  const after = asUtc - offsetAt(asUtc + day, zone) * minute
  // In autumn some local times occur twice: the first counts. In spring some do not occur: they move by the gap.
  return [before, after].find((at) => wallTime(at, zone) === wall) ?? before
}

/** A zone's offsets over a period, one row each, in the form in which Outlook gives them to add-ins. */
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

/** Zone data from a package, not from the machine, so that every Node and every browser gives the same times. */
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
