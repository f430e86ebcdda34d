import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem } from '../../browser/as-problem.ts'
import { Confirm } from '../../browser/Confirm.tsx'
import type { Problem } from '../../contract/problems.ts'
import type { SignedInApp } from '../../contract/signed-in-apps.ts'
import type { AddIn } from '../compose.ts'
import { appsTexts } from '../texts/apps.ts'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
import { Spinner } from './Spinner.tsx'
import { atTime } from './when.ts'

const useStyles = makeStyles({
  section: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    overflowWrap: 'anywhere',
  },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300 },
  text: { margin: 0 },
  list: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    margin: 0,
    padding: 0,
    listStyleType: 'none',
  },
  app: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalS,
  },
  more: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

interface News {
  done?: string
  problem?: Problem
}

/** The apps that the person has signed in to, on every device. Each can be ended. */
export default function Apps({ addIn }: { addIn: AddIn }) {
  const styles = useStyles()
  const texts = appsTexts.get()
  const [apps, setApps] = useState<readonly SignedInApp[]>()
  const [{ done, problem }, setNews] = useState<News>({})
  const [ending, setEnding] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const status = useRef<HTMLParagraphElement>(null)

  const read = useCallback(async () => {
    setNews({})
    try {
      setApps(await (await addIn.apps()).read())
    } catch (error) {
      setNews({ problem: asProblem(error) })
    }
  }, [addIn])
  useEffect(() => void read(), [read])
  // A button that had the focus is gone.
  useEffect(() => {
    if (done) status.current?.focus()
  }, [done])

  async function end({ id, name }: SignedInApp): Promise<void> {
    if (ending) return
    setEnding(true)
    // The same sentence again is news.
    setNews({})
    try {
      await (await addIn.apps()).end(id)
      setApps((all) => all?.filter((other) => other.id !== id))
      setNews({ done: texts.ended({ name }) })
    } catch (error) {
      setNews({ problem: asProblem(error) })
    }
    setEnding(false)
  }

  function readAgain(): void {
    heading.current?.focus()
    void read()
  }

  return (
    <section aria-label={texts.heading} className={styles.section}>
      <h2 ref={heading} tabIndex={-1} className={styles.heading}>
        {texts.heading}
      </h2>
      {!apps && !problem && <Spinner label={texts.reading} />}
      <p ref={status} role="status" tabIndex={-1} className={styles.text}>
        {done ?? (apps?.length === 0 ? texts.none : undefined)}
      </p>
      {problem && (
        <p role="alert" className={styles.text}>
          {says(problem)}
        </p>
      )}
      {problem && !apps && (
        <div>
          <Button size="small" onClick={readAgain}>
            {paneTexts.get().tryAgain}
          </Button>
        </div>
      )}
      {apps && apps.length > 0 && (
        <ul className={styles.list}>
          {apps.map((app) => {
            const begun = atTime(app.begunAt)
            return (
              <li key={app.id} className={styles.app}>
                <span>
                  {app.name}
                  <span className={styles.more}>{texts.used({ begun, used: atTime(app.usedAt) })}</span>
                </span>
                <Confirm
                  appearance="secondary"
                  label={texts.end}
                  name={texts.endOf({ name: `${app.name} (${begun})` })}
                  question={texts.question}
                  yes={texts.yes}
                  no={texts.no}
                  busy={ending}
                  act={() => end(app)}
                />
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
