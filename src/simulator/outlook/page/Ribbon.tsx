import { Button, Divider, makeStyles, Spinner, tokens } from '@fluentui/react-components'
import {
  DismissRegular,
  PlugConnectedRegular,
  PuzzlePieceRegular,
  SaveRegular,
  SendRegular,
} from '@fluentui/react-icons'
import { press } from '../host/commands.ts'
import type { Host } from '../host/host.ts'
import { follow, remove, schedule } from '../host/plug-in.ts'
import { save, send } from '../host/send.ts'
import { startCompanion } from '../server.ts'
import { useWatched } from './use-watched.ts'

const useStyles = makeStyles({
  ribbon: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    flexShrink: 0,
  },
  divider: { flexGrow: 0, height: '20px', '@media (max-width: 480px)': { display: 'none' } },
  command: { fontWeight: tokens.fontWeightRegular },
  icon: { width: '20px', height: '20px' },
})

/** Outlook's buttons, then the add-in's from its manifest. */
export function Ribbon({ host }: { host: Host }) {
  const styles = useStyles()
  const { sending } = useWatched(host.stage)
  return (
    <section className={styles.ribbon} aria-label="Ribbon">
      <Button
        appearance="primary"
        icon={sending ? <Spinner size="extra-tiny" /> : <SendRegular />}
        disabledFocusable={sending}
        onClick={() => follow(host).then(() => send(host))}
      >
        Send
      </Button>
      <Button
        appearance="subtle"
        className={styles.command}
        icon={<SaveRegular />}
        onClick={() => follow(host).then(() => save(host))}
      >
        Save
      </Button>
      <Button
        appearance="subtle"
        className={styles.command}
        icon={<DismissRegular />}
        onClick={() => host.leave('Changes since the last save are discarded.')}
      >
        Discard
      </Button>
      {host.addIn.buttons.length > 0 && <Divider vertical className={styles.divider} />}
      {host.addIn.buttons.map((button) => (
        <Button
          key={button.id}
          appearance="subtle"
          className={styles.command}
          title={button.description}
          icon={
            button.icon ? <img src={button.icon} alt="" className={styles.icon} /> : <PuzzlePieceRegular />
          }
          onClick={() => press(host, button)}
        >
          {button.label}
        </Button>
      ))}
      {host.setting.client.plugIn && <PlugIn host={host} />}
    </section>
  )
}

/** The buttons of the plug-in. The desktop companion is another program, which its person starts and signs in to. */
function PlugIn({ host }: { host: Host }) {
  const styles = useStyles()
  const { appointment } = useWatched(host.item)
  const signIn = () =>
    startCompanion().then(
      (address) => host.openWindow(address),
      (error) => host.say('plug-in', 'errorMessage', `${error}`),
    )
  const buttons = {
    'Start the companion': signIn,
    'Schedule a meeting': () => schedule(host),
    ...(appointment.plugIn && { 'Remove the meeting': () => remove(host) }),
  }
  return (
    <>
      <Divider vertical className={styles.divider} />
      {Object.entries(buttons).map(([says, act]) => (
        <Button
          key={says}
          appearance="subtle"
          className={styles.command}
          icon={<PlugConnectedRegular />}
          onClick={act}
        >
          {says}
        </Button>
      ))}
    </>
  )
}
