import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { Suspense, useState } from 'react'
import { Confirm } from '../../browser/Confirm.tsx'
import type { AddIn } from '../compose.ts'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
import { loadedLater } from './loaded-later.tsx'
import type { usePerson } from './use-person.ts'

const useStyles = makeStyles({
  person: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
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

type Props = ReturnType<typeof usePerson> & { addIn: AddIn }

/** Loaded, and asked for, when the person looks at their account. */
const Apps = loadedLater(() => import('./Apps.tsx'))

/** Who is signed in and how, with the buttons to sign in, switch account and disconnect, and the apps that the person has signed in to. */
export function Person(props: Props) {
  const { person, problem, doing, signIn } = props
  const styles = useStyles()
  const texts = paneTexts.get()
  const [open, setOpen] = useState(false)
  return (
    <section aria-label={texts.account} className={styles.person}>
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
            {texts[labels[problem?.code ?? ''] ?? 'tryAgain']}
          </Button>
        )}
        {person && (
          <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {texts.manage}
          </Button>
        )}
      </div>
      {person && open && <Choices {...props} />}
    </section>
  )
}

/** The button's text for each problem that the person can solve. Otherwise it is "Try again": the problem may pass. */
const labels: Record<string, 'signIn' | 'connectZoom'> = {
  '': 'signIn',
  sign_in_required: 'signIn',
  sign_in_cancelled: 'signIn',
  link_required: 'connectZoom',
}

function sentences({ person, problem, doing, done = '' }: Omit<Props, 'addIn'>): string[] {
  const texts = paneTexts.get()
  if (doing) return [doing]
  if (!person) {
    return [!problem || problem.code === 'sign_in_required' ? texts.notSignedIn : says(problem)]
  }
  const { name, how, mailbox } = person
  return [
    texts[how]({ name }),
    name.toLowerCase() === mailbox.toLowerCase() ? '' : texts.otherMailbox({ mailbox, name }),
    // A person who cancels stays signed in, so there is nothing to report.
    problem && problem.code !== 'sign_in_cancelled' ? says(problem) : done,
  ].filter(Boolean)
}

/** What a signed-in person can change. */
function Choices({ addIn, doing, switchAccount, switchZoom, disconnect }: Props) {
  const styles = useStyles()
  const texts = paneTexts.get()
  const busy = Boolean(doing)
  return (
    <>
      <p className={styles.sentence}>{switchAccount ? texts.switchedHere : texts.switchInOutlook}</p>
      <div className={styles.choices}>
        {switchAccount && (
          <Button size="small" disabledFocusable={busy} onClick={switchAccount}>
            {texts.switchAccount}
          </Button>
        )}
        {switchZoom && (
          <Button size="small" disabledFocusable={busy} onClick={switchZoom}>
            {texts.switchZoom}
          </Button>
        )}
        <Confirm
          label={texts.disconnect}
          question={texts.disconnectQuestion}
          yes={texts.disconnectYes}
          no={texts.disconnectNo}
          act={disconnect}
        />
      </div>
      <Suspense>
        <Apps addIn={addIn} />
      </Suspense>
    </>
  )
}
