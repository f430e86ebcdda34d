import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { Confirm } from '../../browser/Confirm.tsx'
import { says } from '../../browser/says.ts'
import type { usePerson } from './use-person.ts'

const useStyles = makeStyles({
  person: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    paddingTop: tokens.spacingVerticalM,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  row: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalS,
  },
  sentences: { display: 'grid', gap: tokens.spacingVerticalXS, overflowWrap: 'anywhere' },
  sentence: { margin: 0 },
  choices: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
})

type Props = ReturnType<typeof usePerson>

/** Who is signed in and how, with the buttons to sign in, switch account and disconnect. */
export function Person(props: Props) {
  const { person, problem, doing, signIn } = props
  const styles = useStyles()
  const [open, setOpen] = useState(false)
  return (
    <section aria-label="Account" className={styles.person}>
      <div className={styles.row}>
        <div role="status" className={styles.sentences}>
          {sentences(props).map((sentence) => (
            <p key={sentence} className={styles.sentence}>
              {sentence}
            </p>
          ))}
        </div>
        {!doing && !person && (
          <Button size="small" onClick={signIn}>
            {labels[problem?.code ?? ''] ?? 'Try again'}
          </Button>
        )}
        {person && (
          <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
            Manage account
          </Button>
        )}
      </div>
      {person && open && <Choices {...props} />}
    </section>
  )
}

/** The button's label for each problem that the person can solve. Otherwise it is "Try again": the problem may pass. */
const labels: Record<string, string> = {
  '': 'Sign in',
  sign_in_required: 'Sign in',
  sign_in_cancelled: 'Sign in',
  link_required: 'Connect Zoom',
}

function sentences({ person, problem, doing, done = '' }: Props): string[] {
  if (doing) return [doing]
  if (!person) {
    return [!problem || problem.code === 'sign_in_required' ? 'You are not signed in.' : says(problem)]
  }
  const { name, how, mailbox } = person
  return [
    `Signed in as ${name}, ${how}`,
    name.toLowerCase() === mailbox.toLowerCase()
      ? ''
      : `This mailbox is ${mailbox}. Meetings are created for ${name}.`,
    // A person who cancels stays signed in, so there is nothing to report.
    problem && problem.code !== 'sign_in_cancelled' ? says(problem) : done,
  ].filter(Boolean)
}

/** What a signed-in person can change. */
function Choices({ doing, switchAccount, switchZoom, disconnect }: Props) {
  const styles = useStyles()
  const busy = Boolean(doing)
  return (
    <>
      <p className={styles.sentence}>
        {switchAccount
          ? 'If you switch accounts here, the choice lasts until you close the pane.'
          : 'To use another account, switch accounts in Outlook.'}
      </p>
      <div className={styles.choices}>
        {switchAccount && (
          <Button size="small" disabledFocusable={busy} onClick={switchAccount}>
            Switch account
          </Button>
        )}
        {switchZoom && (
          <Button size="small" disabledFocusable={busy} onClick={switchZoom}>
            Switch Zoom account
          </Button>
        )}
        <Confirm
          label="Disconnect"
          question="Sign out of this add-in on every device? Your meetings stay."
          yes="Yes, disconnect"
          no="Stay signed in"
          act={disconnect}
        />
      </div>
    </>
  )
}
