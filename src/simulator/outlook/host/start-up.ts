import type { Appointment } from '../item/appointment.ts'
import { offsets } from '../item/time-zones.ts'
import type { AddIn } from '../manifest.ts'
import type { Setting } from './setting.ts'

/** What an add-in gets without a call. Of the appointment this is only the id of its series. */

/** The answer to `getAppContextAsync`. Office.js does not start if one of the first ten members is missing. */
export function appContext(
  setting: Setting,
  addIn: AddIn,
  controlId: string,
  settings: Record<string, string>,
) {
  const { client, mailbox, language } = setting
  return {
    _id: controlId,
    _appName: client.appNumber,
    _appVersion: '16.00',
    _appUILocale: language,
    _dataLocale: language,
    _docUrl: '',
    _clientMode: 1,
    _settings: settings,
    _reason: 'documentOpened',
    _appInstanceId: controlId,
    _osfControlType: 1,
    // An entitlement token must be XML; without one Office.js parses an error page, which a strict CSP reports.
    _eToken: encodeURIComponent('<r><t cid="0" aid="0"/></r>'),
    _correlationId: crypto.randomUUID(),
    _appMinorVersion: 0,
    // Office.js sends telemetry to the host only if this contains "react".
    _requirementMatrix: JSON.stringify(requirements(setting)),
    _hostCustomMessage: '',
    _hostFullVersion: client.hostVersion,
    _clientWindowHeight: innerHeight,
    _clientWindowWidth: innerWidth,
    _addinName: addIn.name,
    _appDomains: addIn.appDomains,
    _dialogRequirementMatrix: JSON.stringify({ DialogApi: mailbox.requirements.DialogApi ?? '1.2' }),
    _featureGates: {},
    _initialDisplayMode: 0,
  }
}

/** The answer to `GetInitialData`. */
export function initialData(
  setting: Setting,
  addIn: AddIn,
  { seriesId }: Appointment,
  now: number,
  /** The address of the organization's own Exchange server. */
  exchange: string,
) {
  const { mailbox, timeZone } = setting
  const year = 366 * 24 * 60 * 60_000
  return {
    permissionLevel: permissions[addIn.permissions] ?? 0,
    itemType: appointmentCompose,
    itemNumber: 0,
    userDisplayName: mailbox.displayName,
    userEmailAddress: mailbox.emailAddress,
    userTimeZone: timeZone,
    userProfileType: mailbox.accountType,
    hostVersion: hostVersion(setting),
    ...(setting.client.platform === 'Web' ? { owaView: 'ThreeColumns' } : {}),
    ...addresses(exchange)[mailbox.accountType],
    isRestIdSupported: true,
    timeZoneOffsets: offsets(timeZone, now - 10 * year, now + 10 * year),
    isFromSharedFolder: setting.owner !== undefined,
    ...(minor(requirements(setting).Mailbox) >= 7 ? { seriesId } : {}),
    openWindowOpen: false,
    extensionId: addIn.id,
  }
}

/** Manifest permission → the host's number for it. The numbers are not in the order of the permissions. */
const permissions: Record<string, number> = {
  Restricted: 0,
  ReadItem: 1,
  ReadWriteMailbox: 2,
  ReadWriteItem: 3,
}

const appointmentCompose = 5

const online = {
  ewsUrl: 'https://outlook.office365.com/EWS/Exchange.asmx',
  restUrl: 'https://outlook.office.com/api',
}
const addresses = (exchange: string) => ({
  office365: online,
  outlookCom: online,
  gmail: {},
  enterprise: { ewsUrl: `${exchange}/EWS/Exchange.asmx` },
})

/** Requirement sets and their versions. A program has its own version of Mailbox, whatever the server supports. */
export function requirements({ client, mailbox }: Pick<Setting, 'client' | 'mailbox'>) {
  const served = mailbox.requirements.Mailbox ?? client.mailbox
  const bound = client.answers === 'server' && minor(served) < minor(client.mailbox)
  return { ...mailbox.requirements, Mailbox: bound ? served : client.mailbox }
}

/** `1.12` → 12. There is no Mailbox 2. */
export const minor = (version: string) => Number(version.split('.')[1])

/** Outlook on the web reports the server's version as its own. Source: Office.js, `Office.Diagnostics`. */
const hostVersion = ({ client, mailbox }: Setting) =>
  (client.platform === 'Web' && mailbox.serverVersion) || client.hostVersion
