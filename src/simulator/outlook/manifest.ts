/** An add-in's manifest, with resource ids resolved. */
export interface AddIn {
  id: string
  name: string
  permissions: string
  appDomains: string[]
  buttons: Button[]
  /** The page whose functions the buttons run. */
  functionFile: string | null
  launchEvents: LaunchEvents | null
  /** Whether it runs in another person's calendar. */
  sharedFolders: boolean
  /** Resource id → URL of the image. */
  images: Record<string, string>
}

export interface Button {
  id: string
  label: string
  description: string
  icon: string | null
  does: { run: string } | { show: string }
}

export interface LaunchEvents {
  page: string
  /** The file for clients that run launch events without a page. */
  script: string | null
  handlers: { type: string; functionName: string; sendMode: string }[]
}

/** Form factor → the extension point of an organizer's buttons. */
const surfaces = {
  DesktopFormFactor: 'AppointmentOrganizerCommandSurface',
  MobileFormFactor: 'MobileOnlineMeetingCommandSurface',
} as const

/** Reads a manifest as Outlook does: one form factor, from the innermost VersionOverrides, in one language. */
export function read(xml: string, language: string, formFactor: keyof typeof surfaces): AddIn {
  const document = new DOMParser().parseFromString(xml, 'text/xml')
  const broken = document.querySelector('parsererror')
  if (broken) throw new Error(`The manifest is not XML: ${broken.textContent}`)

  const root = document.documentElement
  const overrides = all(root, 'VersionOverrides').at(-1) ?? root
  const resources = resourcesOf(overrides, language)
  const form = only(only(overrides, 'Host'), formFactor)
  const points = all(form, 'ExtensionPoint')
  const point = (type: string) => points.find((p) => typeOf(p) === type)

  return {
    id: text(root, 'Id'),
    name: localized(only(root, 'DisplayName'), language),
    permissions: text(root, 'Permissions'),
    appDomains: all(root, 'AppDomain').map((domain) => domain.textContent?.trim() ?? ''),
    buttons: all(point(surfaces[formFactor]), 'Control').flatMap((c) => button(c, resources)),
    functionFile: resources.url(only(form, 'FunctionFile')),
    launchEvents: launchEvents(point('LaunchEvent'), only(overrides, 'Runtimes'), resources),
    sharedFolders: text(form, 'SupportsSharedFolders') === 'true',
    images: resources.images,
  }
}

function button(control: Element, { string, url, images }: Resources): Button[] {
  const action = only(control, 'Action')
  const page = url(only(action, 'SourceLocation'))
  const show = typeOf(action) === 'ShowTaskpane'
  if (show && !page) return []
  const tip = only(control, 'Supertip')
  const icon = all(only(control, 'Icon'), 'Image').at(-1)?.getAttribute('resid') ?? ''
  return [
    {
      id: control.getAttribute('id') ?? '',
      label: string(all(control, 'Label').at(0)),
      description: string(only(tip, 'Description')),
      icon: images[icon] ?? null,
      does: show ? { show: page ?? '' } : { run: text(action, 'FunctionName') },
    },
  ]
}

function launchEvents(
  point: Element | undefined,
  runtimes: Element | undefined,
  { url }: Resources,
): LaunchEvents | null {
  const source = only(point, 'SourceLocation')
  const page = url(source)
  if (!page) return null
  const resid = source?.getAttribute('resid')
  const runtime = all(runtimes, 'Runtime').find((r) => r.getAttribute('resid') === resid)
  return {
    page,
    script: url(only(runtime, 'Override')),
    handlers: all(point, 'LaunchEvent').map((event) => ({
      type: event.getAttribute('Type') ?? '',
      functionName: event.getAttribute('FunctionName') ?? '',
      sendMode: event.getAttribute('SendMode') ?? 'SoftBlock',
    })),
  }
}

interface Resources {
  images: Record<string, string>
  string(named: Element | undefined): string
  url(named: Element | undefined): string | null
}

/** Resolves `resid`: the lists of texts and URLs are at the end of the VersionOverrides. */
function resourcesOf(overrides: Element, language: string): Resources {
  const resources = [...overrides.children].find((child) => child.localName === 'Resources')
  const named = (kind: string) =>
    Object.fromEntries(
      all(resources, kind).map((entry) => [entry.getAttribute('id') ?? '', localized(entry, language)]),
    )
  const urls = named('Url')
  const strings = { ...named('String') }
  return {
    images: named('Image'),
    string: (element) => strings[element?.getAttribute('resid') ?? ''] ?? '',
    url: (element) => urls[element?.getAttribute('resid') ?? ''] ?? null,
  }
}

function localized(element: Element | undefined, language: string): string {
  const override = all(element, 'Override').find((o) => o.getAttribute('Locale') === language)
  return override?.getAttribute('Value') ?? element?.getAttribute('DefaultValue') ?? ''
}

/** Finds elements by local name, because namespace prefixes differ between manifests. */
function all(within: Element | undefined, name: string): Element[] {
  return within ? [...within.getElementsByTagNameNS('*', name)] : []
}

function only(within: Element | undefined, name: string): Element | undefined {
  return all(within, name).at(0)
}

function text(within: Element | undefined, name: string): string {
  return only(within, name)?.textContent?.trim() ?? ''
}

function typeOf(element: Element | undefined): string | null {
  return element?.getAttributeNS('http://www.w3.org/2001/XMLSchema-instance', 'type') ?? null
}
