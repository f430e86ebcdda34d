import type { HostCall } from '../../kit/ledger.ts'
import type { FrameSettings } from '../frame/settings.ts'
import { officeTheme } from './office-theme.ts'
import type { Place } from './runtime.ts'
import type { Setting } from './setting.ts'
import { membersOf } from './supported.ts'
import { contextList, transportOf } from './transports.ts'

/** The place of a page of the add-in. `appContext`: the context that Office.js gets at the start. */
export function pageIn(
  setting: Setting,
  kind: HostCall['runtime'],
  page: string,
  appContext: (controlId: string) => object,
): Place {
  const controlId = `ctl-${crypto.randomUUID()}`
  const conversationId = crypto.randomUUID().replaceAll('-', '')
  const hostInfo = describe(setting, kind === 'dialog')
  const xdmInfo = [conversationId, controlId, location.href.split(/[?#]/)[0]].join('|')
  return {
    controlId,
    src: withHostInfo(page, hostInfo),
    name: JSON.stringify({
      baseFrameName: `_xdm_${controlId}`,
      hostInfo,
      ...(setting.client.transport === 'frames' ? { xdmInfo, serializerVersion: '1' } : {}),
      flights: '[]',
      sim: frameSettings(setting, () => appContext(controlId)),
    }),
    transport: transportOf(setting.client, conversationId),
    allows: setting.mailbox.popups === 'blocked' ? allowed : [...allowed, ...popups],
  }
}

/** Settings for our code in the frame. Some Outlooks return the context synchronously. */
function frameSettings(setting: Setting, appContext: () => object): FrameSettings {
  const { client, mailbox, quirks } = setting
  const { bridge } = mailbox
  return {
    host: location.origin,
    bridge: bridge === 'absent' || bridge === 'throws' ? bridge : 'there',
    transport: client.transport,
    members: membersOf(setting),
    offline: quirks.offline,
    ...(client.transport === 'external' || client.transport === 'agave'
      ? { context: [...contextList(appContext()), JSON.stringify(officeTheme())] }
      : {}),
  }
}

/** The sandbox of an add-in's frame, as in Outlook on the web. */
const allowed = ['allow-scripts', 'allow-forms', 'allow-same-origin', 'allow-modals', 'allow-downloads']

const popups = ['allow-popups', 'allow-popups-to-escape-sandbox']

function describe({ client, language }: Setting, dialog: boolean): string {
  const { platform, fileVersion } = client
  const correlation = crypto.randomUUID()
  return ['Outlook', platform, fileVersion, language, correlation, dialog ? 'isDialog' : '', '', '0'].join(
    '$',
  )
}

/** Office.js splits the parameter at `$`, so the `$` must not be encoded. */
function withHostInfo(page: string, hostInfo: string): string {
  const url = new URL(page)
  url.search += `${url.search ? '&' : '?'}_host_Info=${hostInfo}`
  return url.href
}
