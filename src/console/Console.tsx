import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components'
import { useCallback } from 'react'
import type { SignedIn } from '../contract/admin.ts'
import type { Problem } from '../contract/problems.ts'
import { Audit } from './Audit.tsx'
import { Deployment } from './Deployment.tsx'
import { Health } from './Health.tsx'
import { Invitation } from './Invitation.tsx'
import { Keys } from './Keys.tsx'
import { choose, type Language, language, languages } from './language.ts'
import { Mailboxes } from './Mailboxes.tsx'
import { People } from './People.tsx'
import { Person } from './Person.tsx'
import { Policies } from './Policies.tsx'
import { Failure } from './parts.tsx'
import { addressOf, places, usePlace } from './place.ts'
import { Rooms } from './Rooms.tsx'
import { Sync } from './Sync.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalL,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  product: { margin: 0, fontWeight: tokens.fontWeightSemibold },
  links: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalL, flexGrow: 1 },
  link: {
    // A target has 24 pixels at least (WCAG 2.2, 2.5.8).
    display: 'inline-flex',
    alignItems: 'center',
    minHeight: '24px',
    color: tokens.colorNeutralForeground1,
    '&[aria-current]': { fontWeight: tokens.fontWeightSemibold, textDecorationLine: 'underline' },
  },
  who: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    overflowWrap: 'anywhere',
  },
  main: {
    boxSizing: 'border-box',
    maxWidth: '72rem',
    margin: '0 auto',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalL,
  },
  card: {
    maxWidth: '32rem',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'start',
    gap: tokens.spacingVerticalL,
  },
  text: { margin: 0 },
})

/** The whole page: who is signed in, and the place in the console that the address names. */
export function Console({ service }: { service: Service }) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(
    useCallback(async () => (await service.signIn.resume()) && service.me(), [service]),
  )
  const signOut = () => service.signIn.end().then(again)
  if (answer) return <SignedInConsole service={service} me={answer} signOut={signOut} />
  if (answer === undefined && !problem)
    return (
      <main className={styles.main}>
        <Spinner label={texts.signingIn} />
      </main>
    )
  return (
    <main className={styles.main}>
      <div className={styles.card}>
        <h1 className={styles.text}>{texts.administration}</h1>
        {problem && <Failure problem={problem} sentence={sentenceOf(problem)} again={again} />}
        <p className={styles.text}>{texts.signInNeeds}</p>
        <Button appearance="primary" onClick={() => service.signIn.begin()}>
          {problem ? texts.anotherAccount : texts.signIn}
        </Button>
        <Languages />
      </div>
    </main>
  )
}

/** What the person can do about it depends on what the page has already tried. */
const sentenceOf = ({ code, details: { title } }: Problem) =>
  code === 'second_factor_required' && !title ? texts.stillNoFactor : undefined

interface Props {
  service: Service
  me: SignedIn
  signOut(): void
}

function SignedInConsole({ service, me, signOut }: Props) {
  const styles = useStyles()
  const place = usePlace()
  return (
    <>
      <header className={styles.bar}>
        <p className={styles.product}>{texts.product}</p>
        <nav aria-label={texts.administration} className={styles.links}>
          {places.map((name) => (
            <a
              key={name}
              className={styles.link}
              href={addressOf({ name })}
              {...(place.name === name && { 'aria-current': 'page' })}
            >
              {texts[name].heading}
            </a>
          ))}
        </nav>
        <div className={styles.who}>
          <span>
            {me.name ?? me.signInName}, {texts.asRole(me.role)}
          </span>
          <Button size="small" onClick={signOut}>
            {texts.signOut}
          </Button>
          <Languages />
        </div>
      </header>
      <main className={styles.main}>
        {place.name === 'audit' && <Audit service={service} me={me} />}
        {place.name === 'deployment' && <Deployment service={service} />}
        {place.name === 'health' && <Health service={service} />}
        {place.name === 'keys' && <Keys service={service} me={me} />}
        {place.name === 'mailboxes' && <Mailboxes service={service} me={me} />}
        {place.name === 'rooms' && <Rooms service={service} me={me} />}
        {place.name === 'sync' && <Sync service={service} me={me} />}
        {place.name === 'policies' && <Policies service={service} me={me} />}
        {place.name === 'invitation' && <Invitation service={service} me={me} />}
        {place.name === 'people' && <People service={service} me={me} />}
        {place.name === 'person' && (
          <Person key={place.subject} service={service} me={me} subject={place.subject} />
        )}
      </main>
    </>
  )
}

/** The other languages of the console, each by its own name. */
const Languages = () =>
  (Object.keys(languages) as Language[])
    .filter((one) => one !== language)
    .map((one) => (
      <Button key={one} lang={one} size="small" appearance="subtle" onClick={() => choose(one)}>
        {languages[one]}
      </Button>
    ))
