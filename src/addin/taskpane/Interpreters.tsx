import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { type ChildName, type Offered, optionTexts } from '../../contract/meeting-options.ts'
import { language } from '../texts/i18n.ts'
import { optionLabels } from '../texts/options.ts'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  person: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    minWidth: 0,
    margin: 0,
    padding: 0,
    border: 0,
    '& select': { minWidth: 0 },
  },
  legend: { padding: 0 },
  row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** As Zoom takes them. */
const most = 20

/** How many languages each of them has. */
const counts = { interpreters: 2, signLanguageInterpreters: 1 } as const satisfies Record<ChildName, number>

interface Person {
  /** Tells the rows apart while they are edited. */
  id: number
  address: string
  languages: readonly string[]
}

interface Fault {
  id: number
  of: 'address' | 'languages'
  says: string
}

interface Props {
  name: ChildName
  /** The languages. */
  offered: Offered
  now: string
  save(text: string): void
  /** What was said of the last change is about that one only. */
  quiet(): void
}

/** Who interprets, from which language into which. They are sent together. */
export function Interpreters({ name, offered, now, save, quiet }: Props) {
  const styles = useStyles()
  const texts = optionLabels.get()
  const [people, setPeople] = useState(() => peopleIn(now))
  const [fault, setFault] = useState<Fault>()
  const form = useRef<HTMLFormElement>(null)
  /** The row whose address gets the focus. 0: the button that adds one. */
  const wanted = useRef<number>(undefined)
  useEffect(() => setPeople(peopleIn(now)), [now])
  useEffect(() => {
    if (wanted.current === undefined) return
    form.current?.querySelector<HTMLElement>(`[data-of="${wanted.current}"]`)?.focus()
    wanted.current = undefined
  })

  function edit(next: Person[], focus?: number) {
    wanted.current = focus
    setPeople(next)
    setFault(undefined)
    quiet()
  }
  const change = (person: Person, part: Partial<Person>) =>
    edit(people.map((one) => (one === person ? { ...one, ...part } : one)))
  function add() {
    const id = Math.max(0, ...people.map((one) => one.id)) + 1
    edit([...people, { id, address: '', languages: Object.keys(offered).slice(0, counts[name]) }], id)
  }
  function submit(event: FormEvent) {
    event.preventDefault()
    const named = people.filter(({ address }) => address.trim())
    const text = named.map(({ address, languages }) => [address.trim(), ...languages].join(',')).join(';')
    const found = faultIn(name, named, text)
    setFault(found)
    if (found) quiet()
    else save(text)
  }
  const faultOf = ({ id }: Person, of: Fault['of']) =>
    fault?.id === id && fault.of === of ? { validationMessage: fault.says } : {}
  return (
    <form ref={form} aria-label={texts[name]} className={styles.form} onSubmit={submit} noValidate>
      {people.map((person, index) => (
        <fieldset key={person.id} className={styles.person}>
          <legend className={styles.legend}>{texts.interpreter({ number: index + 1 })}</legend>
          <Field label={texts.interpreterAddress} {...faultOf(person, 'address')}>
            <Input
              dir="ltr"
              type="email"
              size="small"
              data-of={person.id}
              value={person.address}
              autoComplete="off"
              spellCheck={false}
              onChange={(_, { value }) => change(person, { address: value })}
            />
          </Field>
          {person.languages.map((spoken, place) => (
            <Field key={place} label={labelOf(name, place)} {...(place > 0 && faultOf(person, 'languages'))}>
              <Select
                size="small"
                value={spoken}
                onChange={(_, { value }) =>
                  change(person, {
                    languages: person.languages.map((one, at) => (at === place ? value : one)),
                  })
                }
              >
                {[...new Set([...Object.keys(offered), spoken])].map((one) => (
                  <option key={one} value={one}>
                    {name === 'interpreters' ? named(one) : one}
                  </option>
                ))}
              </Select>
            </Field>
          ))}
          <div>
            <Button
              size="small"
              onClick={() =>
                edit(
                  people.filter((one) => one !== person),
                  0,
                )
              }
            >
              {texts.removeInterpreter({ number: index + 1 })}
            </Button>
          </div>
        </fieldset>
      ))}
      <div className={styles.row}>
        <Button size="small" data-of={0} disabledFocusable={people.length >= most} onClick={add}>
          {texts.addInterpreter}
        </Button>
        {(people.length > 0 || now !== '') && (
          <Button size="small" type="submit">
            {texts.save({ label: texts[name] })}
          </Button>
        )}
      </div>
    </form>
  )
}

const peopleIn = (text: string): Person[] =>
  text
    .split(';')
    .filter(Boolean)
    .map((one, index) => {
      const [address = '', ...languages] = one.split(',')
      return { id: index + 1, address, languages }
    })

/** The first thing that is wrong. */
function faultIn(name: ChildName, people: readonly Person[], text: string): Fault | undefined {
  const texts = optionLabels.get()
  const { pattern, maxLength } = optionTexts[name]
  const isFit = (address: string) =>
    new RegExp(pattern, 'u').test([address.trim(), ...Array(counts[name]).fill('x')].join(','))
  const wrong = people.find(({ address }) => !isFit(address))
  if (wrong) return { id: wrong.id, of: 'address', says: texts.noAddress({ written: wrong.address.trim() }) }
  const same = people.find(({ languages }) => new Set(languages).size < languages.length)
  if (same) return { id: same.id, of: 'languages', says: texts.sameLanguage }
  const last = people.at(-1)
  return last && text.length > maxLength ? { id: last.id, of: 'address', says: texts.tooLong } : undefined
}

function labelOf(name: ChildName, place: number): string {
  const texts = optionLabels.get()
  if (name === 'signLanguageInterpreters') return texts.signLanguage
  return place === 0 ? texts.firstLanguage : texts.secondLanguage
}

/** What Zoom calls its languages. Those that an account adds have only the name that it gives them. */
const codes: Readonly<Record<string, string>> = {
  English: 'en',
  Chinese: 'zh',
  Japanese: 'ja',
  German: 'de',
  French: 'fr',
  Russian: 'ru',
  Portuguese: 'pt',
  Spanish: 'es',
  Korean: 'ko',
}
function named(spoken: string): string {
  const code = codes[spoken]
  return (code && new Intl.DisplayNames(language.get(), { type: 'language' }).of(code)) ?? spoken
}
