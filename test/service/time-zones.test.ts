import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import windowsZones from 'cldr-core/supplemental/windowsZones.json'
import moment from 'moment-timezone'
import { expect, test } from 'vitest'
import { zoomTimeZones } from '../../src/service/zoom/time-zones.ts'
import { timeZones } from '../../src/simulator/zoom/time-zones.ts'

test('the table is what the newest zone data and names make of it', () => {
  const written = execFileSync(process.execPath, ['scripts/time-zones.mjs'], { encoding: 'utf8' })
  expect(readFileSync('src/service/zoom/time-zones.ts', 'utf8')).toBe(written)
})

test.each(Object.entries(zoomTimeZones))(
  '%s shows at Zoom, as %s, the time that it shows in Outlook',
  (windows, id) => {
    expect(timeZones).toContain(id)
    const { mapTimezones } = windowsZones.supplemental.windowsZones
    const own = mapTimezones.find(({ mapZone }) => mapZone._other === windows && mapZone._territory === '001')
    const clocks = [id, own?.mapZone._type ?? ''].map((zone) => moment.tz.zone(zone))
    for (let at = Date.UTC(2026, 0); at < Date.UTC(2029, 0); at += 3_600_000) {
      const [zoom, outlook] = clocks.map((clock) => clock?.utcOffset(at))
      if (zoom === undefined || zoom !== outlook)
        expect.fail(`${zoom} and ${outlook} at ${new Date(at).toISOString()}`)
    }
  },
)
