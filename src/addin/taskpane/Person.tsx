import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { Sure } from './Sure.tsx'
import type { usePerson } from './use-person.ts'

const useStyles = makeStyles({
  person: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalS,
    paddingTop: tokens.spacingVerticalM,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  name: { overflowWrap: 'anywhere' },
})

/** Who is signed in and how, or the way to become so. */
export function Person({ person, problem, working, signIn, disconnect }: ReturnType<typeof usePerson>) {
  const styles = useStyles()
  return (
    <section aria-label="Account" className={styles.person}>
      <span role="status" className={styles.name}>
        {working
          ? 'Signing in …'
          : person
            ? `Signed in as ${person.name}, ${person.how}`
            : !problem || problem.code === 'sign_in_required'
              ? 'You are not signed in.'
              : problem.says}
      </span>
      {!working && !person && (
        <Button size="small" onClick={signIn}>
          {problem?.code === 'link_required' ? 'Connect Zoom' : 'Sign in'}
        </Button>
      )}
      {!working && person && (
        <Sure
          label="Disconnect"
          question="Sign out of Zoom scheduling on every device? Meetings stay as they are."
          yes="Yes, disconnect"
          act={disconnect}
        />
      )}
    </section>
  )
}
