import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem } from '../browser/as-problem.ts'
import type { SignedIn } from '../contract/admin.ts'
import type { PolicyPreview, Rule, ShownPolicies } from '../contract/admin-policies.ts'
import type { Problem } from '../contract/problems.ts'
import { Affected } from './Affected.tsx'
import { NewRule } from './NewRule.tsx'
import { Failure, Pending, Status } from './parts.tsx'
import { Rules } from './Rules.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'
import { useAskBeforeLeaving } from './use-ask-before-leaving.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
})

const { policies: says } = texts

interface Props {
  service: Service
  me: SignedIn
}

/** The rules of the organisation. An administrator edits them, sees who is affected, and saves. */
export function Policies({ service, me }: Props) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.policies(), [service]))
  const [isSaved, setSaved] = useState(false)
  const read = (saved: boolean) => {
    setSaved(saved)
    again()
  }
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      <Pending answer={answer} problem={problem} again={again} />
      {answer && me.role === 'Auditor' && <Rules rules={answer.rules} defaults={answer.defaults} />}
      {answer && me.role === 'Admin' && (
        <Editor key={answer.version} {...{ service, read, isSaved }} stored={answer} />
      )}
    </>
  )
}

interface EditorProps {
  service: Service
  stored: ShownPolicies
  /** Reads the rules again. `saved`: this page has just saved them. */
  read(saved: boolean): void
  isSaved: boolean
}

interface News {
  says?: string
  problem?: Problem
  busy?: boolean
}

/** Edits a copy of the rules. Nothing is in effect before it is saved. */
function Editor({ service, stored, read, isSaved }: EditorProps) {
  const styles = useStyles()
  const [rules, setRules] = useState(stored.rules)
  const [preview, setPreview] = useState<PolicyPreview>()
  const [news, setNews] = useState<News>(isSaved ? { says: says.saved } : {})
  const status = useRef<HTMLParagraphElement>(null)
  // The button that saved them is gone.
  useEffect(() => {
    if (isSaved) status.current?.focus()
  }, [isSaved])
  const isChanged = JSON.stringify(rules) !== JSON.stringify(stored.rules)
  useAskBeforeLeaving(isChanged)

  function edit(wanted: Rule[], what: string) {
    setRules(wanted)
    setPreview(undefined)
    setNews({ says: what })
  }
  async function run(act: () => Promise<void>) {
    if (news.busy) return
    setNews({ says: says.working, busy: true })
    try {
      await act()
      setNews({})
    } catch (error) {
      setNews({ problem: asProblem(error) })
    }
  }
  const save = () =>
    run(async () => {
      await service.changePolicies({ version: stored.version, rules })
      read(true)
    })

  return (
    <>
      <Rules rules={rules} defaults={stored.defaults} edit={edit} />
      <NewRule rules={rules} add={(rule) => edit([...rules, rule], says.added)} />
      <Status ref={status}>{news.says ?? (isChanged ? says.unsaved : '')}</Status>
      {news.problem && (
        <Failure
          problem={news.problem}
          again={news.problem.code === 'policies_changed' ? () => read(false) : undefined}
        />
      )}
      {preview && <Affected preview={preview} save={save} busy={news.busy ?? false} />}
      {isChanged && (
        <div className={styles.buttons}>
          {!preview && (
            <Button
              appearance="primary"
              disabledFocusable={news.busy ?? false}
              onClick={() => run(async () => setPreview(await service.previewPolicies(rules)))}
            >
              {says.review}
            </Button>
          )}
          <Button onClick={() => edit(stored.rules, says.undone)}>{says.undo}</Button>
        </div>
      )}
    </>
  )
}
