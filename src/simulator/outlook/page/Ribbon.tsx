import { Button, Divider, makeStyles, Spinner, tokens } from '@fluentui/react-components'
import { DismissRegular, PuzzlePieceRegular, SaveRegular, SendRegular } from '@fluentui/react-icons'
import { press } from '../host/commands.ts'
import type { Host } from '../host/host.ts'
import { save, send } from '../host/send.ts'
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
        onClick={() => send(host)}
      >
        Send
      </Button>
      <Button
        appearance="subtle"
        className={styles.command}
        icon={<SaveRegular />}
        onClick={() => save(host)}
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
    </section>
  )
}
