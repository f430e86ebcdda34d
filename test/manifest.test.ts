import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { XmlDocument, type XmlElement, XmlValidateError, XsdValidator } from 'libxml2-wasm'
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs'
import { OfficeAddinManifest } from 'office-addin-manifest'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { languageFor, languages } from '../src/contract/languages.ts'
import { openWorld, type World } from './service/kit.ts'

/** Microsoft's schemas of manifests ([MS-OWEMXML]), kept beside the checkout where there are any. */
const schemas = fileURLToPath(new URL('../../shared/data/manifest-xsd/', import.meta.url))

const namespaces = {
  o: 'http://schemas.microsoft.com/office/appforoffice/1.1',
  m: 'http://schemas.microsoft.com/office/mailappversionoverrides/1.1',
  bt: 'http://schemas.microsoft.com/office/officeappbasictypes/1.0',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
}

/** What is younger than the schemas. The tests say what has to be true of it. */
const unknownToSchemas = [
  'Runtimes',
  'SupportsSharedFolders',
  'ExtensionPoint[@xsi:type="LaunchEvent"]',
  // With MobileOnlineMeetingCommandSurface, and it has to have a surface that they know.
  'MobileFormFactor',
]

let world: World
let service: string

beforeAll(async () => {
  world = await openWorld('embedded')
  service = (await world.startService({ PUBLIC_URL: origin })).origin
})
afterAll(() => world.close())

const origin = 'https://localhost:3001'
const served = async (path: string) => (await fetch(`${service}${path}`)).text()

const manifests = ['/manifest.xml', '/manifest-without-launch-events.xml']

describe.each(manifests)('%s', (path) => {
  let xml: string
  let document: XmlDocument
  beforeAll(async () => {
    xml = await served(path)
    document = XmlDocument.fromString(xml)
  })
  afterAll(() => document.dispose())

  const find = (xpath: string) => document.find(xpath, namespaces) as XmlElement[]
  const texts = (xpath: string) => find(xpath).map(({ content }) => content)
  const names = (xpath: string) => find(xpath).map(({ name }) => name)
  const launches = path === manifests[0]

  test('is read by Microsoft’s own tool', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manifest-'))
    const file = join(folder, 'manifest.xml')
    writeFileSync(file, xml)
    const read = await OfficeAddinManifest.readManifestFile(file)
    rmSync(folder, { recursive: true })
    expect(read).toMatchObject({ displayName: 'Zoom for Outlook', permissions: 'ReadWriteItem' })
  })

  if (existsSync(schemas)) {
    test('is valid by Microsoft’s schemas, but for what is younger than they are', () => {
      const known = XmlDocument.fromString(xml)
      expect(faults(known), 'judges that refuse nothing are none').not.toEqual([])
      for (const part of unknownToSchemas)
        for (const node of known.find(`//m:${part}`, namespaces)) node.remove()
      expect(faults(known)).toEqual([])
      known.dispose()
    })
  } else {
    it.skip('Microsoft’s schemas are not beside this checkout: only the tests below judge the manifest')
  }

  test('asks for no more than Mailbox 1.5, which every Exchange server has, and for no more than it needs', () => {
    expect(texts('//@MinVersion | //@DefaultMinVersion')).toEqual(['1.5', '1.5'])
    expect(texts('//o:Permissions')).toEqual(['ReadWriteItem'])
  })

  test('names only pages, scripts and icons that exist, over https, on one origin', () => {
    const addresses = texts('//@DefaultValue[contains(., "://")] | //@Value[contains(., "://")]')
    expect(addresses.length).toBeGreaterThan(10)
    for (const address of addresses.filter((a) => a !== `${origin}/`)) {
      expect(address.startsWith(`${origin}/`), address).toBe(true)
      expect(existsSync(sourceOf(address)), address).toBe(true)
    }
    expect(texts('//o:AppDomain')).toEqual([origin])
  })

  test('gives every icon in the size that it says', () => {
    const fileOf = (resid: string) =>
      sourceOf(texts(`//bt:Images/bt:Image[@id="${resid}"]/@DefaultValue`)[0] ?? '')
    for (const icon of find('//bt:Image[@size]')) {
      const side = Number(icon.attr('size')?.content) * Number(icon.attr('scale')?.content ?? 1)
      const file = fileOf(icon.attr('resid')?.content ?? '')
      expect(sizeOf(file), file).toEqual([side, side])
    }
    // Outlook: "IconUrl" 64 pixels, "HighResolutionIconUrl" 128.
    for (const [name, side] of [
      ['IconUrl', 64],
      ['HighResolutionIconUrl', 128],
    ] as const)
      expect(sizeOf(sourceOf(texts(`//o:${name}/@DefaultValue`)[0] ?? ''))).toEqual([side, side])
  })

  test('defines every resource it uses, once and by a short name, and uses every one it defines', () => {
    const defined = texts('//m:Resources/*/*/@id')
    expect(new Set(defined)).toEqual(new Set(texts('//@resid')))
    expect(defined.length).toBe(new Set(defined).size)
    for (const id of defined) expect(id.length).toBeLessThanOrEqual(32)
  })

  test('says everything in each language, no longer than Outlook and the store show it', () => {
    const said = find('//o:DisplayName | //o:Description | //bt:String[@id != "group"]')
    expect(said).toHaveLength(6)
    for (const text of said) {
      const longest = text.name === 'Description' ? 80 : text.parent?.name === 'LongStrings' ? 250 : 125
      for (const language of languages.filter((language) => language !== 'en')) {
        const values = text.find('*/@Locale').filter(({ content }) => languageFor(content) === language)
        expect(values.length, `${language}: ${text.toString()}`).toBeGreaterThan(0)
      }
      for (const { content } of text.find('@DefaultValue | */@Value')) {
        expect(content).not.toBe('')
        expect([...content].length, content).toBeLessThanOrEqual(longest)
      }
    }
  })

  test('names the functions that its pages and scripts associate', () => {
    expect(new Set(texts('//m:FunctionName'))).toEqual(associated('src/addin/commands/main.ts'))
    const handlers = launches ? associated('src/addin/launch-event/handlers.ts') : new Set()
    expect(new Set(texts('//@FunctionName'))).toEqual(handlers)
  })

  test('has its parts in the order that Outlook insists on', () => {
    expect(names('//m:Host/*')).toEqual([
      ...(launches ? ['Runtimes'] : []),
      'DesktopFormFactor',
      'MobileFormFactor',
    ])
    const points = launches ? ['ExtensionPoint', 'ExtensionPoint'] : ['ExtensionPoint']
    expect(names('//m:DesktopFormFactor/*')).toEqual(['SupportsSharedFolders', 'FunctionFile', ...points])
    expect(texts('//m:DesktopFormFactor/m:ExtensionPoint/@xsi:type')).toEqual([
      'AppointmentOrganizerCommandSurface',
      ...(launches ? ['LaunchEvent'] : []),
    ])
    expect(texts('//m:SupportsSharedFolders')).toEqual(['true'])
  })

  test('gives phones one button, with an icon for every screen', () => {
    const point = '//m:MobileFormFactor/m:ExtensionPoint[@xsi:type="MobileOnlineMeetingCommandSurface"]'
    expect(names('//m:MobileFormFactor/*')).toEqual(['FunctionFile', 'ExtensionPoint'])
    expect(texts(`${point}/*/@xsi:type`)).toEqual(['MobileButton'])
    expect(names(`${point}/m:Control/*`)).toEqual(['Label', 'Icon', 'Action'])
    const icons = find(`${point}//bt:Image`).map((icon) =>
      ['size', 'scale'].map((name) => icon.attr(name)?.content),
    )
    expect(icons).toEqual(['25', '32', '48'].flatMap((size) => ['1', '2', '3'].map((scale) => [size, scale])))
  })

  if (!launches) {
    test('has no trace of launch events', () => expect(xml).not.toMatch(/launch/i))
    return
  }

  test('declares every launch event from the first version, and lets a person send anyway', async () => {
    expect(texts('//m:LaunchEvent/@Type')).toEqual([
      'OnNewAppointmentOrganizer',
      'OnAppointmentTimeChanged',
      'OnAppointmentRecurrenceChanged',
      'OnAppointmentSend',
    ])
    expect(texts('//@SendMode')).toEqual(['PromptUser'])
    expect(texts('//m:LaunchEvent[@SendMode]/@Type')).toEqual(['OnAppointmentSend'])
  })

  test('runs launch events in a page, or in the script that the well-known file lets in', async () => {
    const point = '//m:ExtensionPoint[@xsi:type="LaunchEvent"]'
    expect(names(`${point}/*`)).toEqual(['LaunchEvents', 'SourceLocation'])
    expect(texts('//m:Runtimes/m:Runtime/@resid')).toEqual(texts(`${point}/m:SourceLocation/@resid`))
    expect(texts('//m:Runtimes/m:Runtime/m:Override/@type')).toEqual(['javascript'])
    const [script] = texts('//m:Runtimes/m:Runtime/m:Override/@resid')
    const { allowed } = JSON.parse(await served('/.well-known/microsoft-officeaddins-allowed.json'))
    const own = texts(`//bt:Url[@id="${script}"]/@DefaultValue | //bt:Url[@id="${script}"]/*/@Value`)
    expect(new Set(allowed)).toEqual(new Set(own))
    expect(allowed).toHaveLength(languages.length)
    for (const override of find(`//bt:Url[@id="${script}"]/*`)) {
      const [locale = '', address] = ['Locale', 'Value'].map((name) => override.attr(name)?.content)
      expect(address).toBe(`${origin}/addin/launch-event.${languageFor(locale)}.js`)
    }
  })
})

test('both manifests are of one add-in', async () => {
  const xml = await Promise.all(manifests.map(served))
  const identities = xml.map((text) => /<Id>[0-9a-f-]{36}<\/Id>\s*<Version>.*<\/Version>/.exec(text)?.[0])
  expect(identities[0]).toBeTruthy()
  expect(identities[1]).toBe(identities[0])
})

test('every icon is as large as its name says, and used', () => {
  const icons = readdirSync('assets').filter((name) => name.endsWith('.png'))
  const manifest = readFileSync('manifest.xml', 'utf8')
  for (const icon of icons) {
    const side = Number(/^icon-(\d+)\.png$/.exec(icon)?.[1])
    expect(sizeOf(`assets/${icon}`), icon).toEqual([side, side])
    expect(manifest).toContain(`/assets/${icon}"`)
  }
})

/** What is wrong with a manifest, by the schemas. */
function faults(document: XmlDocument): string[] {
  xmlRegisterFsInputProviders()
  const url = join(schemas, 'OfficeAppManifestV1_1.xsd')
  const schema = XmlDocument.fromBuffer(readFileSync(url), { url })
  const validator = XsdValidator.fromDoc(schema)
  try {
    validator.validate(document)
    return []
  } catch (error) {
    if (!(error instanceof XmlValidateError)) throw error
    return error.details.map(({ line, message }) => `line ${line}: ${message}`)
  } finally {
    validator.dispose()
    schema.dispose()
  }
}

/** What the file at an address is built from. */
function sourceOf(address: string): string {
  return address
    .replace(`${origin}/`, '')
    .replace(/addin\/launch-event(\.[\w-]+)?\.js/, 'src/addin/launch-event/main.ts')
    .replace(/^addin\//, 'src/addin/')
}

/** Width and height, as a PNG's header has them. */
function sizeOf(png: string): [number, number] {
  const header = readFileSync(png)
  return [header.readUInt32BE(16), header.readUInt32BE(20)]
}

function associated(file: string): Set<string | undefined> {
  return new Set([...readFileSync(file, 'utf8').matchAll(/associate\('(\w+)'/g)].map(([, name]) => name))
}
