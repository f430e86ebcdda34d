import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useCallback } from 'react'
import { Confirm } from '../browser/Confirm.tsx'
import type { SignedIn, StoredPerson } from '../contract/admin.ts'
import { stateOf } from '../contract/connections.ts'
import { type OwnApp, ownApps } from '../contract/feed.ts'
import { Explained } from './Explained.tsx'
import { amount, when } from './language.ts'
import { Fact, Facts, Failure, Id, List, Pending, Records, Status } from './parts.tsx'
import { addressOf } from './place.ts'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useActs } from './use-acts.ts'
import { useAnswer } from './use-answer.ts'

const useStyles = makeStyles({
  text: { margin: 0, overflowWrap: 'anywhere' },
  section: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  access: { display: 'flex', flexDirection: 'column', alignItems: 'start', gap: tokens.spacingVerticalM },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  link: {
    alignSelf: 'start',
    color: tokens.colorBrandForegroundLink,
    paddingBlock: tokens.spacingVerticalXXS,
  },
})

const { person: says, revoking } = texts

interface Props {
  service: Service
  me: SignedIn
  subject: string
}

/** One person: the states of their connections, what is stored about them, and what happened. */
export function Person({ service, me, subject }: Props) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.person(subject), [service, subject]))
  return (
    <>
      <a className={styles.link} href={addressOf({ name: 'people' })}>
        {says.back}
      </a>
      <h1 className={styles.text}>{says.heading}</h1>
      <Pending answer={answer} problem={problem} again={again} />
      {answer && (
        <>
          <Connections person={answer} />
          {me.role === 'Admin' && <Access service={service} person={answer} changed={again} />}
          <Apps service={service} me={me} person={answer} changed={again} />
          <Explained service={service} subject={subject} />
          <Stored person={answer} />
          <section className={styles.section}>
            <h2 className={styles.heading}>{says.happened}</h2>
            {answer.happened.length === 0 ? (
              <p className={styles.text}>{says.nothingHappened}</p>
            ) : (
              <>
                <p className={styles.text}>{says.newest(50)}</p>
                <Records name={says.happened} records={answer.happened} />
              </>
            )}
          </section>
        </>
      )}
    </>
  )
}

interface AccessProps {
  service: Service
  person: StoredPerson
  changed(): void
}

/** Ends the person's access, or allows it again. */
function Access({ service, person: { subject, connections }, changed }: AccessProps) {
  const styles = useStyles()
  const { run, working, done, refused, status, failure } = useActs(changed)
  const isEnded = connections.some(({ state }) => state === 'disconnected_by_administrator')
  const allow = async () => {
    await service.allow(subject)
    return says.allowed
  }
  const revoke = async () => {
    await service.revoke(subject)
    return says.revoked
  }
  return (
    <div className={styles.access}>
      <Status ref={status}>{done}</Status>
      {refused && <Failure ref={failure} problem={refused} />}
      {isEnded ? (
        <Button disabledFocusable={working} onClick={() => run(allow)}>
          {says.allow}
        </Button>
      ) : (
        <Confirm
          appearance="secondary"
          label={says.revoke}
          question={revoking.question(1)}
          yes={revoking.yes}
          no={revoking.no}
          busy={working}
          act={() => run(revoke)}
        />
      )}
    </div>
  )
}

/** The apps that the person has signed in to. An administrator ends one by one. */
function Apps({ service, me, person: { subject, apps }, changed }: AccessProps & { me: SignedIn }) {
  const styles = useStyles()
  const { run, working, done, refused, status, failure } = useActs(changed)
  const nameOf = (app: string) => (Object.hasOwn(ownApps, app) ? ownApps[app as OwnApp].name : app)
  const end = (id: string) => async () => {
    await service.endApp(subject, id)
    return says.appEnded
  }
  return (
    <section className={styles.section}>
      <h2 className={styles.heading}>{says.apps}</h2>
      <Status ref={status}>{done}</Status>
      {refused && <Failure ref={failure} problem={refused} />}
      {apps.length === 0 && <p className={styles.text}>{says.noApps}</p>}
      {apps.map(({ id, app, begunAt, usedAt }) => (
        <div key={id} className={styles.access}>
          <p className={styles.text}>
            <strong>{nameOf(app)}</strong>
            {texts.colon}
            {says.app(when(begunAt), when(usedAt))}
          </p>
          {me.role === 'Admin' && (
            <Confirm
              appearance="secondary"
              label={says.endApp}
              name={says.endAppName(nameOf(app))}
              question={says.endAppQuestion}
              yes={says.endApp}
              no={revoking.no}
              busy={working}
              act={() => run(end(id))}
            />
          )}
        </div>
      ))}
    </section>
  )
}

function Connections({ person: { connections } }: { person: StoredPerson }) {
  const styles = useStyles()
  const shown =
    connections.length > 0 ? connections : [{ provider: undefined, state: 'not_connected' as const }]
  return (
    <section className={styles.section}>
      <h2 className={styles.heading}>{says.connections}</h2>
      {shown.map((connection) => (
        <div key={connection.provider ?? 'none'} className={styles.section}>
          <p className={styles.text}>
            <strong>
              {connection.provider && texts.providers[connection.provider] + texts.colon}
              {texts.states[connection.state]}
            </strong>
            {connection.provider && `, ${says.permission(connection.provider, connection.permission)}`}
            {connection.provider && connection.contacts && `, ${says.contacts[connection.contacts]}`}
          </p>
          <p className={styles.text}>{texts.state(connection.provider ?? 'microsoft', connection.state)}</p>
          {/* The person does not see what an administrator has connected. */}
          {connection.provider !== 'microsoft-application' && (
            <p className={styles.text}>
              {says.toPerson}
              {texts.colon}
              <q lang="en">{stateOf(connection.provider ?? 'microsoft', connection.state).says}</q>
            </p>
          )}
          {connection.provider && connection.askAt && (
            <p className={styles.text}>{says.failures(connection.failures, when(connection.askAt))}</p>
          )}
        </div>
      ))}
    </section>
  )
}

function Stored({ person }: { person: StoredPerson }) {
  const styles = useStyles()
  const { zoomUserId, nameHashStored, proofsEndedAt, credentials, memberships } = person
  return (
    <section className={styles.section}>
      <h2 className={styles.heading}>{says.stored}</h2>
      <Facts>
        <Fact name={says.subject}>
          <Id>{person.subject}</Id>
        </Fact>
        <Fact name={says.zoomUser}>
          {zoomUserId ? (
            <>
              <Id>{zoomUserId}</Id> ({nameHashStored ? says.found : says.byZoom})
            </>
          ) : (
            says.noZoom
          )}
        </Fact>
        <Fact name={says.proofsEnded}>
          {proofsEndedAt ? says.proofsEndedAt(when(proofsEndedAt)) : says.proofsLast}
        </Fact>
        <Fact name={says.credentials}>
          {credentials.length === 0 ? (
            says.noCredentials
          ) : (
            <List>
              {credentials.map(({ id, provider, purpose, version, keyId, expiresAt }) => (
                <li key={id}>
                  {says.credential(provider, purpose, version)}
                  {texts.colon}
                  {says.key(keyId)}
                  {expiresAt && `, ${says.until(when(expiresAt))}`} (<Id>{id}</Id>)
                </li>
              ))}
            </List>
          )}
        </Fact>
        <Fact name={says.groups}>
          {memberships.length === 0 ? (
            says.noGroups
          ) : (
            <List>
              {memberships.map(({ group, isMember }) => (
                <li key={group}>
                  <Id>{group}</Id>
                  {texts.colon}
                  {says.group(isMember)}
                </li>
              ))}
            </List>
          )}
        </Fact>
        <Fact name={says.meetings}>{amount(person.meetings)}</Fact>
        <Fact name={says.tickets}>{amount(person.tickets)}</Fact>
        <Fact name={says.sessions}>{amount(person.sessions)}</Fact>
        <Fact name={says.templates}>{amount(person.templates)}</Fact>
        <Fact name={says.defaults}>{says.isStored(person.defaultsStored)}</Fact>
        <Fact name={says.refusedPassword}>{says.isStored(person.refusedPasswordStored)}</Fact>
        <Fact name={says.watch}>{says.watched(person.watch)}</Fact>
        <Fact name={says.jobs}>{amount(person.jobs)}</Fact>
        <Fact name={says.failedJobs}>{amount(person.failedJobs)}</Fact>
      </Facts>
    </section>
  )
}
