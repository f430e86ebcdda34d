// `node scripts/time-zones.mjs` writes src/service/zoom/time-zones.ts: Outlook's zone names (CLDR) -> Zoom's ids.
import { writeFileSync } from 'node:fs'
import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' }

/** The ids that the Zoom API accepts ("Timezone list" of its reference). */
const zoomIds = `
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
  .split(/\s+/)

/** Zones agree when their clocks do, every six hours for three years. */
const start = Date.UTC(2026, 0, 1)
const samples = Array.from({ length: 3 * 365 * 4 }, (_, index) => start + index * 6 * 3_600_000)
const clocks = (timeZone) => {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset', hour: 'numeric' })
  return samples
    .map((at) => format.formatToParts(at).find((part) => part.type === 'timeZoneName').value)
    .join()
}
const canonical = (timeZone) => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone
const continent = (timeZone) => timeZone.split('/')[0]

const zoomClocks = new Map(zoomIds.map((id) => [id, clocks(id)]))

/** The same zone, else one of the same continent with the same clock, else any with the same clock. */
function zoomId(iana) {
  for (const name of [iana, canonical(iana)]) if (zoomIds.includes(name)) return name
  const alias = zoomIds.find((id) => canonical(id) === canonical(iana))
  if (alias) return alias
  const wanted = clocks(iana)
  const agreeing = zoomIds.filter((id) => zoomClocks.get(id) === wanted)
  return agreeing.find((id) => continent(id) === continent(iana)) ?? agreeing[0]
}

const rows = windowsZones.supplemental.windowsZones.mapTimezones
  .map(({ mapZone }) => mapZone)
  .filter((zone) => zone._territory === '001')
  .map((zone) => [zone._other, zoomId(zone._type)])
  .filter(([, id]) => id)
  .sort(([a], [b]) => (a < b ? -1 : 1))

writeFileSync(
  new URL('../src/service/zoom/time-zones.ts', import.meta.url),
  `// Written by scripts/time-zones.mjs from cldr-core and Zoom's list of time zones.

/** Outlook's (Windows) name of a time zone → Zoom's id. A zone that Zoom has no id for is not in it. */
export const zoomTimeZones: Readonly<Record<string, string>> = {
${rows.map(([windows, id]) => `  '${windows}': '${id}',`).join('\n')}
}
`,
)
