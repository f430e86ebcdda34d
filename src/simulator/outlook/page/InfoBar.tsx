import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import type { Host } from '../host/host.ts'
import type { Notification } from '../item/notifications.ts'
import { narrow } from './narrow.ts'
import { useWatched } from './use-watched.ts'

const useStyles = makeStyles({
  bar: {
    borderRadius: 0,
    borderLeftWidth: 0,
    borderRightWidth: 0,
    borderTopWidth: 0,
    flexShrink: 0,
    // By default Fluent does not wrap the text, and pushes the buttons out of view.
    [narrow]: { whiteSpace: 'normal' },
  },
  icon: { width: '20px', height: '20px' },
  list: {
    display: 'flex',
    flexDirection: 'column',
    borderBottom: `1px solid ${tokens.colorTransparentStroke}`,
  },
})

/** Notification type → appearance and ARIA role. */
const kinds = {
  informationalMessage: { intent: 'info', role: 'status' },
  progressIndicator: { intent: 'info', role: 'status' },
  errorMessage: { intent: 'error', role: 'alert' },
  insightMessage: { intent: 'info', role: 'status' },
} as const

/** The lines above the appointment: the add-in's, then Outlook's own. */
export function InfoBar({ host }: { host: Host }) {
  const { notifications } = useWatched(host.item)
  const { lines } = useWatched(host.stage)
  const styles = useStyles()
  return (
    <div className={styles.list}>
      {notifications.map((line) => (
        <Line key={line.key} line={line} host={host} dismiss={() => dismiss(host, line)} />
      ))}
      {lines.map((line) => (
        <Line key={line.key} line={line} host={host} dismiss={() => host.unsay(line.key)} />
      ))}
    </div>
  )
}

function Line({ line, host, dismiss }: { line: Notification; host: Host; dismiss(): void }) {
  const styles = useStyles()
  const { intent, role } = kinds[line.type]
  const icon = host.addIn.images[line.icon ?? '']
  const progress = line.type === 'progressIndicator'
  return (
    <MessageBar
      className={styles.bar}
      intent={intent}
      role={role}
      {...picture(progress, icon, styles.icon)}
      data-key={line.key}
    >
      <MessageBarBody>{line.message}</MessageBarBody>
      <MessageBarActions {...(progress ? {} : { containerAction: <Dismiss onClick={dismiss} /> })}>
        {line.actions?.map(({ actionText, commandId, contextData }) => (
          <Button key={actionText} onClick={() => host.showPaneOf(commandId, contextData)}>
            {actionText}
          </Button>
        ))}
      </MessageBarActions>
    </MessageBar>
  )
}

function Dismiss({ onClick }: { onClick(): void }) {
  return <Button appearance="transparent" icon={<DismissRegular />} aria-label="Dismiss" onClick={onClick} />
}

/** The add-in's icon; without one, Fluent's icon for the intent. */
function picture(progress: boolean, url: string | undefined, className: string) {
  if (progress) return { icon: <Spinner size="extra-tiny" /> }
  return url ? { icon: <img src={url} alt="" className={className} /> } : {}
}

/** Removes the line and raises the add-in's event with its type and `dismiss`, the only action. */
function dismiss(host: Host, line: Notification): void {
  const { notifications } = host.item.get()
  host.item.change({ notifications: notifications.filter(({ key }) => key !== line.key) })
  host.raise('olkInfobarClicked', [{ infobarType: Object.keys(kinds).indexOf(line.type), actionType: 0 }])
}
