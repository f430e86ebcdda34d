import { readFileSync } from 'node:fs'
import { XmlDocument, type XmlElement } from 'libxml2-wasm'
import { describe, expect, test } from 'vitest'

// What administrators see when they upload the manifest of the next release over that of the last one.

const current = readFileSync('manifest.xml', 'utf8')
/** The manifest of the last release: copied here with each release. */
const released = readFileSync('test/released/manifest.xml', 'utf8')

const namespaces = {
  o: 'http://schemas.microsoft.com/office/appforoffice/1.1',
  v: 'http://schemas.microsoft.com/office/mailappversionoverrides',
  m: 'http://schemas.microsoft.com/office/mailappversionoverrides/1.1',
  bt: 'http://schemas.microsoft.com/office/officeappbasictypes/1.0',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
}

/**
 * What a change of these means. Consent: people stay with the version before, until an administrator has accepted. The
 * first three are Microsoft's list ("Maintain your Office Add-in", "Deploy updates"). The others decide where the add-in
 * appears and what it may load: an administrator must hear of them.
 */
const parts = {
  permissions: '//o:Permissions | //m:Permissions',
  scopes: '//m:WebApplicationInfo//m:Scope | //v:WebApplicationInfo//v:Scope',
  events: '//m:LaunchEvent/@*',
  domains: '//o:AppDomain',
  requirements: '//o:Set/@* | //bt:Sets/@* | //bt:Set/@*',
  places: '//m:ExtensionPoint/@xsi:type | //m:DesktopFormFactor | //m:MobileFormFactor',
} as const
type Part = keyof typeof parts

const valuesIn = (xml: string) => {
  const document = XmlDocument.fromString(xml)
  const values = Object.entries(parts).map(([part, xpath]) => [
    part,
    (document.find(xpath, namespaces) as XmlElement[])
      // Of a form factor, that it is there.
      .map((node) => (node.name.endsWith('FormFactor') ? node.name : `${node.name}=${node.content}`)),
  ])
  document.dispose()
  return Object.fromEntries(values) as Record<Part, string[]>
}

/** The parts for which administrators are asked again, or which they must hear of. */
function changedParts(before: string, after: string): Part[] {
  const [old, next] = [valuesIn(before), valuesIn(after)]
  return (Object.keys(parts) as Part[]).filter((part) => String(old[part]) !== String(next[part]))
}

const versionIn = (xml: string) => (/<Version>([\d.]+)</.exec(xml)?.[1] ?? '').split('.').map(Number)
const withoutVersion = (xml: string) => xml.replace(/<Version>.*?<\/Version>/, '')

describe('an upgrade from the last release', () => {
  test('asks no administrator for consent again', () => {
    // If it has to: name the part here, and tell administrators in docs/administrators.md, "Upgrade".
    expect(changedParts(released, current)).toEqual([])
  })

  test('has a later version if anything in the manifest has changed', () => {
    const isSame = withoutVersion(current) === withoutVersion(released)
    const [old, next] = [versionIn(released), versionIn(current)]
    const later = next.findIndex((part, index) => part !== old[index])
    expect(isSame || (later >= 0 && (next[later] ?? 0) > (old[later] ?? 0))).toBe(true)
  })
})

test.each<[Part, string, string]>([
  ['permissions', 'ReadWriteItem', 'ReadWriteMailbox'],
  [
    'scopes',
    '</VersionOverrides>\n  </VersionOverrides>',
    '<WebApplicationInfo><Id>x</Id><Scopes><Scope>Mail.Read</Scope></Scopes></WebApplicationInfo></VersionOverrides></VersionOverrides>',
  ],
  ['events', '"OnNewAppointmentOrganizer"', '"OnNewMessageCompose"'],
  ['events', 'SendMode="PromptUser"', 'SendMode="Block"'],
  ['domains', '</AppDomains>', '<AppDomain>https://other.example</AppDomain></AppDomains>'],
  ['requirements', 'Name="Mailbox" MinVersion="1.5"', 'Name="Mailbox" MinVersion="1.8"'],
  ['places', 'AppointmentOrganizerCommandSurface', 'AppointmentAttendeeCommandSurface'],
])('a change of %s is one that administrators are asked about', (part, from, to) => {
  expect(released).toContain(from)
  expect(changedParts(released, released.replace(from, to))).toEqual([part])
})

test('a change of words or icons is none that administrators are asked about', () => {
  expect(
    changedParts(released, released.replaceAll('Zoom', 'Room').replaceAll('icon-64', 'icon-65')),
  ).toEqual([])
})
