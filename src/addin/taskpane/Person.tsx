import { Button, makeStyles, tokens } from '@fluentui/react-components'
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

/** Who is signed in, or the way to become so. */
export function Person({ name, problem, working, signIn }: ReturnType<typeof usePerson>) {
  const styles = useStyles()
  return (
    <section aria-label="Account" className={styles.person}>
      <span role="status" className={styles.name}>
        {name ? `Signed in as ${name}` : working ? 'Signing in …' : sentence(problem)}
      </span>
      {!name && !working && (
        <Button size="small" onClick={signIn}>
          Sign in
        </Button>
      )}
    </section>
  )
}

function sentence(problem: ReturnType<typeof usePerson>['problem']): string {
  return !problem || problem.code === 'sign_in_required' ? 'You are not signed in.' : problem.says
}
