import {
  Button,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Select,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useCallback, useState } from 'react'
import { asProblem } from '../browser/as-problem.ts'
import type { SignedIn } from '../contract/admin.ts'
import type { StoredInvitation } from '../contract/admin-invitation.ts'
import { placeholders } from '../contract/invitation.ts'
import {
  emptyTemplate,
  faultIn,
  type Template,
  type TextName,
  textNames,
} from '../contract/invitation-template.ts'
import type { Language } from '../contract/languages.ts'
import type { Problem } from '../contract/problems.ts'
import { InvitationPreview } from './InvitationPreview.tsx'
import { language, nameOf } from './language.ts'
import { Failure, Pending, Status } from './parts.tsx'
import type { Service } from './service.ts'
import { texts } from './texts.ts'
import { useAnswer } from './use-answer.ts'
import { useAskBeforeLeaving } from './use-ask-before-leaving.ts'

const useStyles = makeStyles({
  text: { margin: 0, maxWidth: '48rem' },
  both: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXXL },
  part: {
    flex: '1 1 20rem',
    minWidth: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
  },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  group: { border: 'none', margin: 0, padding: 0 },
})

const { invitation: says } = texts

interface Props {
  service: Service
  me: SignedIn
}

/** What the organisation writes into its invitations. An administrator edits it beside its preview, and saves. */
export function Invitation({ service, me }: Props) {
  const styles = useStyles()
  const { answer, problem, again } = useAnswer(useCallback(() => service.invitation(), [service]))
  const [saved, setSaved] = useState<StoredInvitation>()
  const stored = saved ?? answer
  const reread = () => {
    setSaved(undefined)
    again()
  }
  return (
    <>
      <h1 className={styles.text}>{says.heading}</h1>
      <p className={styles.text}>{says.about}</p>
      <Pending answer={answer} problem={problem} again={again} />
      {stored && me.role === 'Auditor' && (
        <InvitationPreview template={stored.template ?? emptyTemplate} language={language} />
      )}
      {stored && me.role === 'Admin' && (
        <Editor key={stored.version} {...{ service, stored, setSaved, reread }} isSaved={stored === saved} />
      )}
    </>
  )
}

interface EditorProps {
  service: Service
  stored: StoredInvitation
  setSaved(stored: StoredInvitation): void
  /** Reads the invitation again, after another administrator has changed it. */
  reread(): void
  isSaved: boolean
}

interface News {
  says?: string
  problem?: Problem
  busy?: boolean
}

/** Edits a copy of the template. Nothing is in effect before it is saved. */
function Editor({ service, stored, setSaved, reread, isSaved }: EditorProps) {
  const styles = useStyles()
  const before = stored.template ?? emptyTemplate
  const [template, setTemplate] = useState<Template>(before)
  const [shown, setShown] = useState<Language>(language)
  const [news, setNews] = useState<News>(isSaved ? { says: says.saved } : {})
  const isChanged = JSON.stringify(template) !== JSON.stringify(before)
  useAskBeforeLeaving(isChanged)
  const fault = faultIn(template)

  function set(change: Partial<Template>) {
    setTemplate({ ...template, ...change })
    setNews({})
  }
  async function save(wanted: Template | null) {
    if (news.busy) return
    setNews({ says: says.working, busy: true })
    try {
      setSaved(await service.changeInvitation({ version: stored.version, template: wanted }))
    } catch (error) {
      setNews({ problem: asProblem(error) })
    }
  }
  const faultOf = (field: string) => {
    if (fault?.field !== field) return {}
    const { kind, line, column = 0 } = fault
    const message = line ? says.at(says.fault[kind], line, column) : says.fault[kind]
    return { validationState: 'error', validationMessage: message } as const
  }
  const state = isChanged ? says.changed : stored.template ? '' : says.standard

  return (
    <div className={styles.both}>
      <form
        aria-label={says.heading}
        className={styles.part}
        onSubmit={(event) => {
          event.preventDefault()
          if (!fault) save(template)
        }}
      >
        <fieldset className={styles.group}>
          <legend>{says.lines}</legend>
          {(['id', 'passcode', 'dialIn'] as const).map((line) => (
            <Checkbox
              key={line}
              label={says.line[line]}
              checked={template.lines[line]}
              onChange={(_, { checked }) => set({ lines: { ...template.lines, [line]: checked === true } })}
            />
          ))}
        </fieldset>
        {(['dialInCountries', 'sipDomain', 'help', 'logo'] as const).map((field) => (
          <Field
            key={field}
            label={says[field]}
            {...(field === 'logo' && { hint: says.logoNeeds })}
            {...faultOf(field)}
          >
            <Input
              value={template[field]}
              autoComplete="off"
              spellCheck={false}
              onChange={(_, { value }) => set({ [field]: value })}
            />
          </Field>
        ))}
        <TextFields {...{ template, set, faultOf, fault: fault?.field }} show={setShown} />
        <Status>{news.says ?? state}</Status>
        {news.problem && (
          <Failure
            problem={news.problem}
            again={news.problem.code === 'invitation_changed' ? reread : undefined}
          />
        )}
        <div className={styles.buttons}>
          <Button
            type="submit"
            appearance="primary"
            disabledFocusable={!isChanged || fault !== undefined || (news.busy ?? false)}
          >
            {says.save}
          </Button>
          {isChanged && <Button onClick={() => set(before)}>{says.undo}</Button>}
          {!isChanged && stored.template && <Button onClick={() => save(null)}>{says.remove}</Button>}
        </div>
      </form>
      <div className={styles.part}>
        <InvitationPreview key={shown} template={fault ? before : template} language={shown} />
      </div>
    </div>
  )
}

interface TextFieldsProps {
  template: Template
  set(change: Partial<Template>): void
  faultOf(field: string): object
  /** The field that is at fault. Its language can be another one than that which is shown. */
  fault: string | undefined
  /** Shows the preview in a language. */
  show(language: Language): void
}

/** The texts of one language at a time. A language without texts of its own has those of all others. */
function TextFields({ template, set, faultOf, fault, show }: TextFieldsProps) {
  const [of, setOf] = useState<TextName>('other')
  const both = template.texts[of]
  const write = (texts: typeof both) => {
    const { [of]: _, ...others } = template.texts
    set({ texts: texts ? { ...others, [of]: texts } : others })
  }
  const isWritten = both !== undefined || of === 'other'
  const [, at] = fault?.split('.') ?? []
  const large = fault === 'texts' || (at !== undefined && at !== of)
  return (
    <>
      <Field
        label={says.textsFor}
        {...(large && {
          validationState: 'error',
          validationMessage: at ? says.elsewhere(at === 'other' ? says.other : nameOf(at)) : says.fault.large,
        })}
      >
        <Select
          value={of}
          onChange={(_, { value }) => {
            setOf(value as TextName)
            if (value !== 'other') show(value as Language)
          }}
        >
          {textNames.map((name) => (
            <option key={name} value={name}>
              {name === 'other' ? says.other : nameOf(name)}
            </option>
          ))}
        </Select>
      </Field>
      {of !== 'other' && (
        <Checkbox
          label={says.ownTexts}
          checked={both !== undefined}
          onChange={(_, { checked }) => write(checked ? { before: '', after: '' } : undefined)}
        />
      )}
      {isWritten &&
        (['before', 'after'] as const).map((place) => (
          <Field
            key={place}
            label={says[place]}
            {...(place === 'before' && {
              hint: says.grammar(placeholders.map((name) => `{${name}}`).join(', ')),
            })}
            {...faultOf(`texts.${of}.${place}`)}
          >
            <Textarea
              dir="auto"
              resize="vertical"
              rows={4}
              value={both?.[place] ?? ''}
              onChange={(_, { value }) => write({ ...(both ?? { before: '', after: '' }), [place]: value })}
            />
          </Field>
        ))}
    </>
  )
}
