import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { Fragment, useState } from 'react'
import type { Language } from '../../contract/languages.ts'
import {
  childNames,
  type MeetingOptions,
  type Offered,
  type OptionName,
  type Options,
  type OptionValue,
  offeredNames,
  optionNames,
  optionValues,
  parentOf,
  type TextName,
  textNames,
} from '../../contract/meeting-options.ts'
import { language } from '../texts/i18n.ts'
import { optionLabels, valueLabel } from '../texts/options.ts'
import { Interpreters } from './Interpreters.tsx'
import {
  Choice,
  Decided,
  type DecidedName,
  Picked,
  Several,
  Written,
  type WrittenName,
} from './OptionField.tsx'

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  depth: { alignSelf: 'start' },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** Those that most people need. */
const common: readonly string[] = [
  'waitingRoom',
  'joinBeforeHost',
  'muteUponEntry',
  'hostVideo',
  'participantVideo',
  'autoRecording',
  'alternativeHosts',
] satisfies (OptionName | TextName)[]

interface Props {
  found: MeetingOptions
  chosen(name: OptionName): OptionValue | undefined
  text(name: TextName): string | undefined
  change(options: Options): void
  quiet(): void
}

/** The common options, or all of them with a search. */
export function OptionList(props: Props) {
  const { found, chosen, text, change, quiet } = props
  const styles = useStyles()
  const texts = optionLabels.get()
  const [isAll, setAll] = useState(false)
  const [wanted, setWanted] = useState('')
  const isShown = (name: SearchedName) => (isAll ? fits(name, wanted) : common.includes(name))
  const choices = optionNames.filter((name) => found[name] && isShown(name))
  const written = textNames.filter(
    (name): name is WrittenName => isWritten(name) && found[name] !== undefined && isShown(name),
  )
  const regions = isShown('dataCenterRegions') ? found.offered?.dataCenterRegions : undefined
  const decided = textNames.filter((name): name is DecidedName => {
    const searched = searchedAs(name)
    return found.decided?.[name] !== undefined && searched !== undefined && isShown(searched)
  })
  const count = choices.length + written.length + decided.length + (regions ? 1 : 0)
  return (
    <div className={styles.list}>
      {isAll && (
        <>
          <Field label={texts.search}>
            <Input type="search" size="small" value={wanted} onChange={(_, { value }) => setWanted(value)} />
          </Field>
          <p role="status" className={styles.more}>
            {count > 0 ? texts.found(count) : texts.noneFound}
          </p>
        </>
      )}
      {choices.map((name) => {
        const option = found[name]
        return (
          option && (
            <Fragment key={name}>
              <Choice
                name={name}
                found={option}
                value={chosen(name)}
                more={more(option.lockedBy, name, chosen)}
                choose={(value) => change({ [name]: value })}
              />
              {chosen(name) === 'on' && <Besides {...props} name={name} />}
            </Fragment>
          )
        )
      })}
      {written.map((name) => (
        <Written
          key={name}
          name={name}
          now={text(name) ?? ''}
          quiet={quiet}
          save={(value) => change({ [name]: value })}
        />
      ))}
      {decided.map((name) => (
        <Decided key={name} name={name} text={decidedText(name, found.decided?.[name] ?? '')} />
      ))}
      {regions && (
        <Several
          label={texts.dataCenterRegions}
          hint={texts['dataCenterRegions.more']}
          offered={named(regions)}
          value={text('dataCenterRegions') ?? ''}
          choose={(dataCenterRegions) => change({ dataCenterRegions })}
        />
      )}
      <Button
        className={styles.depth}
        size="small"
        appearance="subtle"
        aria-expanded={isAll}
        onClick={() => {
          setAll(!isAll)
          setWanted('')
        }}
      >
        {isAll ? texts.few : texts.all}
      </Button>
    </div>
  )
}

/** What else is chosen where an option is on. */
function Besides({ name, ...props }: Props & { name: OptionName }) {
  const { found, text, change, quiet } = props
  if (name === 'meetingAuthentication') return <Profile {...props} />
  const child = childNames.find((one) => parentOf[one] === name)
  const offered = child && found.offered?.[child]
  return (
    offered && (
      <Interpreters
        name={child}
        offered={offered}
        now={text(child) ?? ''}
        quiet={quiet}
        save={(value) => change({ [child]: value })}
      />
    )
  )
}

/** How people sign in, if the Zoom account knows several ways. */
function Profile({ found, text, change }: Props) {
  const texts = optionLabels.get()
  const offered = found.offered?.authenticationProfile
  const value = text('authenticationProfile') ?? ''
  const name = value === found.authenticationProfile && found.authenticationProfileGone
  return (
    offered && (
      <Picked
        label={texts.authenticationProfile}
        offered={offered}
        value={value}
        gone={name ? texts.profileGone({ name }) : texts.unnamedProfileGone}
        choose={(authenticationProfile) => change({ authenticationProfile })}
      />
    )
  )
}

type SearchedName = OptionName | WrittenName | 'dataCenterRegions'

/** What is looked for as the text. */
const searchedAs = (name: TextName): SearchedName | undefined =>
  name === 'authenticationProfile'
    ? 'meetingAuthentication'
    : isWritten(name) || name === 'dataCenterRegions'
      ? name
      : undefined

/** The text that the organisation decides, as people read it. */
function decidedText(name: TextName, text: string): string {
  if (name !== 'dataCenterRegions') return text
  const codes = text.split(';').filter(Boolean)
  return Object.values(named(Object.fromEntries(codes.map((code) => [code, code])))).join(', ')
}

/** A template is chosen, and so is what the Zoom account has a list of. */
const isWritten = (name: TextName): name is WrittenName =>
  name !== 'zoomTemplate' && !offeredNames.some((offered) => offered === name)

/** Zoom's codes of regions that are no codes of countries (ISO 3166, UN M49). */
const codes: Readonly<Record<string, string>> = { TY: 'JP', LA: '419' }

/** The names of regions in the person's language. */
function named(regions: Offered): Offered {
  const names = new Intl.DisplayNames(language.get(), { type: 'region' })
  const all = Object.keys(regions).map((code) => [code, names.of(codes[code] ?? code) ?? code] as const)
  return Object.fromEntries(all.sort(([, one], [, other]) => one.localeCompare(other, language.get())))
}

/** Where a word has no space before it, or an article: it is looked for within words. */
const joined: readonly Language[] = ['ja', 'zh-CN', 'ko', 'ar']

/** Whether each of these words begins a word of the option. */
function fits(name: SearchedName, wanted: string): boolean {
  const texts = optionLabels.get()
  const values = name in optionValues ? optionValues[name as OptionName] : []
  const words = wordsIn(
    [texts[name], texts[`${name}.also`], ...values.map((value) => valueLabel(name, value))].join(' '),
  )
  const isIn = joined.includes(language.get())
    ? (one: string, word: string) => one.includes(word)
    : (one: string, word: string) => one.startsWith(word)
  return wordsIn(wanted).every((word) => words.some((one) => isIn(one, word)))
}
const wordsIn = (text: string) =>
  text
    .toLowerCase()
    .split(/[\s-]+/)
    .filter(Boolean)

/** Why the option cannot be changed, or has no effect. */
function more(lockedBy: 'organisation' | 'zoom' | undefined, name: OptionName, chosen: Props['chosen']) {
  const texts = optionLabels.get()
  if (lockedBy) return texts[lockedBy]
  if (name === 'joinBeforeHost' && chosen('waitingRoom') === 'on') return texts.everybodyWaits
  if (name === 'jbhTime' && chosen('joinBeforeHost') !== 'on') return texts.onlyWithJoin
  if (name === 'whoWillReceiveSummary' && chosen('autoStartMeetingSummary') !== 'on')
    return texts.onlyWithSummary
  return undefined
}
