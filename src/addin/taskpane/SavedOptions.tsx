import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import type { Options } from '../../contract/meeting-options.ts'
import type { Saved, Template, ZoomTemplates } from '../../contract/templates.ts'
import { optionLabels } from '../texts/options.ts'

const useStyles = makeStyles({
  saved: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

interface Props {
  saved: Saved
  zoomTemplates: ZoomTemplates
  /** What the person has chosen for the next meeting. */
  chosen: Options
  choose(options: Options): void
  saveDefaults(options: Options): void
  forgetDefaults(): void
  saveTemplate(template: Template): void
  deleteTemplate(id: string): void
}

/** The person's defaults and templates, which the service remembers. */
export function SavedOptions({
  saved,
  zoomTemplates,
  chosen,
  choose,
  saveDefaults,
  forgetDefaults,
  saveTemplate,
  deleteTemplate,
}: Props) {
  const styles = useStyles()
  const texts = optionLabels.get()
  const [template, setTemplate] = useState('')
  const [name, setName] = useState('')
  const [fault, setFault] = useState<string>()
  const { defaults, templates } = saved
  const isChosen = template in templates
  // A passcode is a secret of one meeting.
  const { passcode: _, ...kept } = chosen
  function submit(event: FormEvent) {
    event.preventDefault()
    const trimmed = name.trim()
    setFault(trimmed ? undefined : texts.nameIt)
    if (!trimmed) return
    saveTemplate({ name: trimmed, options: { ...defaults, ...kept } })
    setName('')
  }
  return (
    <div className={styles.saved}>
      <Field label={texts.template}>
        <Select
          size="small"
          value={isChosen ? template : (chosen.zoomTemplate ?? '')}
          onChange={(_, { value }) => {
            setTemplate(value)
            choose(templates[value]?.options ?? (value in zoomTemplates ? { zoomTemplate: value } : {}))
          }}
        >
          <option value="">{texts.noTemplate}</option>
          <Group
            label={texts.myTemplates}
            names={Object.entries(templates).map(([id, { name }]) => [id, name])}
          />
          <Group label={texts.zoomTemplates} names={Object.entries(zoomTemplates)} />
        </Select>
      </Field>
      <div className={styles.row}>
        <Button size="small" onClick={() => saveDefaults(kept)}>
          {texts.saveDefaults}
        </Button>
        {Object.keys(defaults).length > 0 && (
          <Button size="small" onClick={forgetDefaults}>
            {texts.forgetDefaults}
          </Button>
        )}
        {isChosen && (
          <Button size="small" onClick={() => deleteTemplate(template)}>
            {texts.deleteTemplate}
          </Button>
        )}
      </div>
      <form className={styles.saved} onSubmit={submit} noValidate>
        <Field label={texts.templateName} {...(fault && { validationMessage: fault })}>
          <Input
            size="small"
            value={name}
            maxLength={60}
            autoComplete="off"
            onChange={(_, { value }) => setName(value)}
          />
        </Field>
        <div className={styles.row}>
          <Button size="small" type="submit">
            {texts.saveTemplate}
          </Button>
        </div>
      </form>
    </div>
  )
}

/** Templates by their names. */
function Group({ label, names }: { label: string; names: (readonly [id: string, name: string])[] }) {
  if (names.length === 0) return undefined
  return (
    <optgroup label={label}>
      {names.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </optgroup>
  )
}
