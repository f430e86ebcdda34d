import { readFileSync } from 'node:fs'
import { OfficeAddinManifest } from 'office-addin-manifest'
import { describe, expect, test } from 'vitest'

const manifest = readFileSync('manifest.xml', 'utf8')
const origin = 'https://localhost:3001'
const all = (pattern: RegExp) => [...manifest.matchAll(pattern)].map((match) => match[1] as string)
const addresses = all(/DefaultValue="(https:[^"]+)"/g)

/** What `GET /addin/...` is built from. */
const sourceOf = (address: string) =>
  address
    .replace(`${origin}/`, '')
    .replace('addin/launch-event.js', 'src/addin/launch-event/main.ts')
    .replace(/^addin\//, 'src/addin/')

describe('the manifest', () => {
  test('is read by Microsoft’s own tool', async () => {
    const read = await OfficeAddinManifest.readManifestFile('manifest.xml')
    expect(read).toMatchObject({ displayName: 'Zoom for Outlook', permissions: 'ReadWriteItem' })
  })

  test('asks for no more than Mailbox 1.5, which every Exchange server has, and for no more than it needs', () => {
    expect(all(/MinVersion="([^"]+)"/g)).toEqual(['1.5', '1.5'])
    expect(manifest).toContain('<Permissions>ReadWriteItem</Permissions>')
  })

  test('names only pages and icons that exist, over https, on one origin', () => {
    expect(addresses.length).toBeGreaterThan(5)
    for (const address of addresses.filter((a) => a !== `${origin}/`)) {
      expect(address.startsWith(`${origin}/`), address).toBe(true)
      expect(() => readFileSync(sourceOf(address)), address).not.toThrow()
    }
  })

  test('gives every icon in the size that it says', () => {
    for (const [, size, scale, resource] of manifest.matchAll(
      /<bt:Image size="(\d+)"(?: scale="(\d)")? resid="([^"]+)"/g,
    )) {
      const address = new RegExp(`<bt:Image id="${resource}" DefaultValue="([^"]+)"`).exec(
        manifest,
      )?.[1] as string
      const width = Number(size) * Number(scale ?? 1)
      expect(readFileSync(sourceOf(address)).readUInt32BE(16), `${resource} is ${width} wide`).toBe(width)
    }
  })

  test('defines every resource it uses, once and by a short name, and uses every one it defines', () => {
    const used = new Set(all(/resid="([^"]+)"/g))
    const defined = all(/<bt:(?:Image|Url|String) id="([^"]+)"/g)
    expect(new Set(defined)).toEqual(used)
    expect(defined.length).toBe(new Set(defined).size)
    for (const id of defined) expect(id.length).toBeLessThanOrEqual(32)
  })

  test('names the functions that the commands and the launch events associate', () => {
    const associated = (file: string) =>
      new Set([...readFileSync(file, 'utf8').matchAll(/associate\('(\w+)'/g)].map(([, name]) => name))
    expect(new Set(all(/<FunctionName>(\w+)<\/FunctionName>/g))).toEqual(
      associated('src/addin/commands/main.ts'),
    )
    expect(new Set(all(/ FunctionName="(\w+)"/g))).toEqual(associated('src/addin/launch-event/handlers.ts'))
  })

  test('declares every launch event from the first version, and lets a person send anyway', () => {
    expect(all(/<LaunchEvent Type="(\w+)"/g)).toEqual([
      'OnNewAppointmentOrganizer',
      'OnAppointmentTimeChanged',
      'OnAppointmentRecurrenceChanged',
      'OnAppointmentSend',
    ])
    expect(all(/SendMode="(\w+)"/g)).toEqual(['PromptUser'])
  })

  test('has the order of elements that Outlook insists on', () => {
    const order = [
      'Runtimes',
      'DesktopFormFactor',
      'SupportsSharedFolders',
      'FunctionFile',
      'ExtensionPoint',
      'MobileFormFactor',
    ]
    const at = order.map((element) => manifest.indexOf(`<${element}`))
    expect(at).toEqual([...at].sort((one, other) => one - other))
    expect(at).not.toContain(-1)
  })
})
