// `node scripts/time-zones.mjs > src/service/zoom/time-zones.ts`: Outlook's (Windows) zone names -> Zoom's ids.
// The clocks are compared with moment-timezone's data, not with Node's: of the packages that carry every zone with its
// changes it has the newest (2026f).
import metaZones from 'cldr-core/supplemental/metaZones.json' with { type: 'json' }
import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' }
import moment from 'moment-timezone'
import iana from 'moment-timezone/data/packed/latest.json' with { type: 'json' }

/** The ids that the Zoom API accepts ("Timezone list" of its reference). */
const zoomIds = new Set(
  `
    Africa/Algiers Africa/Bangui Africa/Cairo Africa/Casablanca Africa/Djibouti Africa/Harare
    Africa/Johannesburg Africa/Khartoum Africa/Mogadishu Africa/Nairobi Africa/Nouakchott Africa/Tripoli
    Africa/Tunis America/Anchorage America/Araguaina America/Argentina/Buenos_Aires America/Bogota
    America/Caracas America/Chicago America/Costa_Rica America/Denver America/Edmonton America/El_Salvador
    America/Godthab America/Guatemala America/Halifax America/Indianapolis America/Lima America/Los_Angeles
    America/Managua America/Mazatlan America/Mexico_City America/Montevideo America/Montreal
    America/New_York America/Panama America/Phoenix America/Puerto_Rico America/Regina America/Santiago
    America/Sao_Paulo America/St_Johns America/Tegucigalpa America/Tijuana America/Vancouver
    America/Winnipeg Asia/Aden Asia/Almaty Asia/Amman Asia/Baghdad Asia/Bahrain Asia/Baku Asia/Bangkok
    Asia/Beirut Asia/Calcutta Asia/Dacca Asia/Damascus Asia/Dhaka Asia/Dubai Asia/Hong_Kong Asia/Irkutsk
    Asia/Jakarta Asia/Jerusalem Asia/Kabul Asia/Kamchatka Asia/Kathmandu Asia/Kolkata Asia/Krasnoyarsk
    Asia/Kuala_Lumpur Asia/Kuwait Asia/Magadan Asia/Muscat Asia/Nicosia Asia/Novosibirsk Asia/Qatar
    Asia/Riyadh Asia/Saigon Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Taipei Asia/Tashkent Asia/Tehran
    Asia/Tokyo Asia/Vladivostok Asia/Yakutsk Asia/Yekaterinburg Atlantic/Azores Atlantic/Cape_Verde
    Atlantic/Reykjavik Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Hobart
    Australia/Perth Australia/Sydney CET Canada/Atlantic Etc/Greenwich Europe/Amsterdam Europe/Athens
    Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Copenhagen
    Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kiev Europe/Lisbon Europe/London Europe/Luxembourg
    Europe/Madrid Europe/Moscow Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/Sofia
    Europe/Stockholm Europe/Vienna Europe/Warsaw Europe/Zurich Pacific/Apia Pacific/Auckland Pacific/Fiji
    Pacific/Honolulu Pacific/Midway Pacific/Noumea Pacific/Pago_Pago Pacific/Port_Moresby SST UTC
`
    .trim()
    .split(/\s+/),
)

/** Zones whose place is in the label that Zoom's list gives to another id. */
const labels = {
  'Caucasus Standard Time': 'Asia/Baku', // Baku, Tbilisi, Yerevan
  'Central Pacific Standard Time': 'SST', // Solomon Islands
  'Georgian Standard Time': 'Asia/Baku', // Baku, Tbilisi, Yerevan
  'Pakistan Standard Time': 'Asia/Tashkent', // Islamabad, Karachi, Tashkent
  'Sao Tome Standard Time': 'Etc/Greenwich', // Greenwich Mean Time
  'UTC+12': 'Pacific/Fiji', // Fiji Islands, Marshall Islands
  'Ulaanbaatar Standard Time': 'Asia/Irkutsk', // Irkutsk, Ulaanbaatar
}

// Zoom's name for the Solomon Islands; the IANA database has another.
moment.tz.link('Pacific/Guadalcanal|SST')

const mapZones = windowsZones.supplemental.windowsZones.mapTimezones.map(({ mapZone }) => mapZone)
const links = iana.links.map((link) => link.split('|'))
const { metazoneInfo, metazones } = metaZones.supplemental.metaZones

const rows = mapZones
  .filter(({ _territory }) => _territory === '001')
  .map(({ _other, _type }) => [_other, zoomId(_other, _type)])
  .filter(([, id]) => id)
  .sort(([a], [b]) => (a < b ? -1 : 1))

console.log(`// Written by scripts/time-zones.mjs.

/**
 * Outlook's (Windows) name of a time zone → Zoom's id. A zone is missing if Zoom has no id that people there would
 * accept: it only changes how Zoom shows a time, never when a meeting is.
 */
export const zoomTimeZones: Readonly<Record<string, string>> = {
${rows.map(([windows, id]) => `  ${/\W/.test(windows) ? `'${windows}'` : windows}: '${id}',`).join('\n')}
}`)

/** The first that Zoom knows and whose clock agrees: a name of the zone itself, of its places, of its time. */
function zoomId(windows, own) {
  const places = mapZones.filter(({ _other }) => _other === windows).flatMap(({ _type }) => _type.split(' '))
  return [own, ...aliases(own), labels[windows], ...places, ...places.map(sameName)].find(
    (id) => zoomIds.has(id) && agree(id, own),
  )
}

/** The other names that the IANA database has for a zone. */
function aliases(zone) {
  const [target = zone] = links.find(([, alias]) => alias === zone) ?? []
  return [target, ...links.filter(([of]) => of === target).map(([, alias]) => alias)]
}

/** The zone whose time CLDR calls by the same name: "Moscow Standard Time" in Minsk is Moscow's. */
function sameName(zone) {
  const used = zone.split('/').reduce((node, part) => node?.[part], metazoneInfo.timezone)
  const { _mzone } = used?.at(-1).usesMetazone ?? {}
  return metazones.find(({ mapZone }) => mapZone._other === _mzone && mapZone._territory === '001')?.mapZone
    ._type
}

/** Whether two clocks show the same at every moment from 2026 to 2028. */
function agree(a, b) {
  const [from, to] = [Date.UTC(2026, 0), Date.UTC(2029, 0)]
  const [one, other] = [a, b].map((id) => moment.tz.zone(id))
  return [from, ...one.untils, ...other.untils]
    .filter((at) => from <= at && at < to)
    .every((at) => one.utcOffset(at) === other.utcOffset(at))
}
