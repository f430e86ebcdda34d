import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import {
  type MeetingOptions as Found,
  type Options,
  ofNewNames,
  optionNames,
  type TextName,
  textNames,
} from '../../contract/meeting-options.ts'
import type { Problem } from '../../contract/problems.ts'
import type { AddIn } from '../compose.ts'
import { optionLabels } from '../texts/options.ts'
import { paneTexts } from '../texts/pane.ts'
import { says } from '../texts/says.ts'
import { OptionList } from './OptionList.tsx'
import { SavedOptions } from './SavedOptions.tsx'
import { Spinner } from './Spinner.tsx'
import { linked, useMeetingOptions } from './use-meeting-options.ts'
import { useNewOptions } from './use-new-options.ts'

const useStyles = makeStyles({
  options: {
    display: 'flex',
    flexDirection: 'column',
    alignSelf: 'stretch',
    gap: tokens.spacingVerticalM,
    minWidth: 0,
    // A field is as wide as the pane, and not as twenty letters in the font of the language.
    '& .fui-Field': { gridTemplateColumns: 'minmax(0, 1fr)' },
    '& .fui-Input': { minWidth: 0 },
    '& .fui-Input__input': { minWidth: 0 },
  },
  text: { margin: 0 },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

type SaidName = Exclude<TextName, (typeof ofNewNames)[number]>
const isSaid = (name: TextName): name is SaidName => !ofNewNames.some((ofNew) => ofNew === name)

interface Props {
  addIn: AddIn
  /** There is a meeting. Otherwise the options are for the one that the person adds. */
  exists: boolean
  ofSeries: boolean
  /** What the person has chosen for a meeting that they add, and has not seen in it yet. */
  chosen: Options
  choose(options: Options): void
  renew(): void
}

export default function MeetingOptions({ exists, ...props }: Props) {
  return exists ? <OfMeeting {...props} /> : <OfNew {...props} />
}

/** One occurrence cannot take another join link: the invitation is that of its series. */
const without = (names: readonly string[], found: Found): Found =>
  Object.fromEntries(Object.entries(found).filter(([name]) => !names.includes(name)))

type Of = Omit<Props, 'exists'>

/** The options of the meeting, as Zoom has them. A change is sent when it is made. */
function OfMeeting({ addIn, ofSeries, chosen: asked, choose, renew }: Of) {
  const texts = optionLabels.get()
  const styles = useStyles()
  const { found, chosen, problem, news, read, change, quiet } = useMeetingOptions(addIn, renew)
  const [notTaken, setNotTaken] = useState<string[]>([])
  useEffect(() => {
    const names = [...optionNames, ...textNames.filter(isSaid)].filter((name) => asked[name] !== undefined)
    if (!found || names.length === 0) return
    const has = (name: (typeof names)[number]) => {
      const now = found[name]
      return typeof now === 'object' ? now.value : now
    }
    setNotTaken(names.filter((name) => has(name) !== asked[name]).map((name) => optionLabels.get()[name]))
    choose({})
  }, [found, asked, choose])
  return (
    <div className={styles.options}>
      {ofSeries && <p className={styles.more}>{paneTexts.get().optionsOfSeries}</p>}
      {notTaken.length > 0 && (
        <p role="alert" className={styles.text}>
          {texts.notTaken({ labels: notTaken.join(', ') })}
        </p>
      )}
      {found && (
        <OptionList
          found={ofSeries ? without(linked, found) : found}
          chosen={chosen}
          text={(name) => found[name]}
          change={(options) => {
            setNotTaken([])
            change(options)
          }}
          quiet={quiet}
        />
      )}
      {!found && !problem && <Spinner label={paneTexts.get().readingOptions} />}
      <p role="status" className={styles.more}>
        {found && news && news !== 'reading' ? texts[news] : ''}
      </p>
      {problem && <Fault problem={problem} found={found !== undefined} read={read} renew={renew} />}
    </div>
  )
}

/** The options that a new meeting gets. They are kept in memory until it is added. */
function OfNew({ addIn, chosen, choose, renew }: Of) {
  const texts = optionLabels.get()
  const styles = useStyles()
  const { found, saved, zoomTemplates, isPartial, problem, news, read, ...acts } = useNewOptions(addIn)
  return (
    <div className={styles.options}>
      <p className={styles.more}>{texts.ofNew}</p>
      {found && (
        <>
          <OptionList
            found={found}
            chosen={(name) => chosen[name] ?? found[name]?.value}
            text={(name) => chosen[name] ?? found[name]}
            change={(options) => choose({ ...chosen, ...options })}
            quiet={() => {}}
          />
          {saved && (
            <SavedOptions
              saved={saved}
              zoomTemplates={zoomTemplates}
              chosen={chosen}
              choose={choose}
              {...acts}
            />
          )}
          {isPartial && (
            <div role="status">
              <p className={styles.text}>{texts.templatesNotRead}</p>
              <Button size="small" onClick={read}>
                {paneTexts.get().tryAgain}
              </Button>
            </div>
          )}
        </>
      )}
      {!found && !problem && <Spinner label={paneTexts.get().readingOptions} />}
      <p role="status" className={styles.more}>
        {news ? texts[news] : ''}
      </p>
      {problem && <Fault problem={problem} found={found !== undefined} read={read} renew={renew} />}
    </div>
  )
}

interface FaultProps {
  problem: Problem
  found: boolean
  read(): void
  renew(): void
}

function Fault({ problem, found, read, renew }: FaultProps) {
  const styles = useStyles()
  return (
    <div role="alert">
      <p className={styles.text}>{says(problem)}</p>
      {problem.code === 'meeting_gone' ? (
        <Button size="small" onClick={renew}>
          {paneTexts.get().add}
        </Button>
      ) : (
        <Button size="small" onClick={read}>
          {found ? optionLabels.get().readAgain : paneTexts.get().tryAgain}
        </Button>
      )}
    </div>
  )
}
