import { readFileSync } from 'node:fs'
import { OfficeAddinManifest } from 'office-addin-manifest'
import { describe, expect, test } from 'vitest'

const manifest = readFileSync('manifest.xml', 'utf8')
const origin = 'https://localhost:3001'
const all = (pattern: RegExp) => [...manifest.matchAll(pattern)].map((match) => match[1] as string)
const addresses = all(/DefaultValue="(https:[^"]+)"/g)

/** What `GET /addin/...` is built from. */
const sourceOf = (address: string) => address.replace(`${origin}/`, '').replace('addin/', 'src/addin/')

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
    for (const [, size, resource] of manifest.matchAll(/<bt:Image size="(\d+)" resid="([^"]+)"/g)) {
      const address = new RegExp(`<bt:Image id="${resource}" DefaultValue="([^"]+)"`).exec(
        manifest,
      )?.[1] as string
      expect(readFileSync(sourceOf(address)).readUInt32BE(16), `${resource} is ${size} wide`).toBe(
        Number(size),
      )
    }
  })

  test('defines every resource it uses, once and by a short name, and uses every one it defines', () => {
    const used = new Set(all(/resid="([^"]+)"/g))
    const defined = all(/<bt:(?:Image|Url|String) id="([^"]+)"/g)
    expect(new Set(defined)).toEqual(used)
    expect(defined.length).toBe(new Set(defined).size)
    for (const id of defined) expect(id.length).toBeLessThanOrEqual(32)
  })

  test('names the functions that the commands associate', () => {
    const associated = [...readFileSync('src/addin/commands/main.ts', 'utf8').matchAll(/associate\('(\w+)'/g)]
    expect(new Set(all(/<FunctionName>(\w+)<\/FunctionName>/g))).toEqual(
      new Set(associated.map(([, name]) => name)),
    )
  })
})
