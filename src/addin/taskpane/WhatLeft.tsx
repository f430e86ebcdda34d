import { makeStyles, tokens } from '@fluentui/react-components'
import { useSyncExternalStore } from 'react'
import { lastSent, type Sent } from '../sent.ts'
import { locale } from '../texts/i18n.ts'
import { paneTexts } from '../texts/pane.ts'
import { sentTexts } from '../texts/sent.ts'

const useStyles = makeStyles({
  left: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
  },
  text: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  facts: {
    margin: 0,
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 3fr)',
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
  value: { margin: 0, overflowWrap: 'anywhere' },
})

/** What the last request with facts of an appointment had, read from its body, and what never leaves. */
export default function WhatLeft() {
  const styles = useStyles()
  const texts = sentTexts.get()
  const sent = useSyncExternalStore(lastSent.listen, lastSent.get)
  return (
    <div className={styles.left}>
      <p className={styles.text}>{sent ? texts.sent(whenAndWhere(sent)) : texts.nothing}</p>
      {sent && (
        <dl className={styles.facts}>
          {entriesOf(sent).map(([name, value]) => (
            <Entry key={name} name={name} value={value} />
          ))}
        </dl>
      )}
      {sent && <p className={styles.text}>{texts.also}</p>}
      <p className={styles.text}>{texts.never}</p>
    </div>
  )
}

function Entry({ name, value }: { name: string; value: unknown }) {
  const styles = useStyles()
  const { title, timeZone, repeats, yes, no } = paneTexts.get()
  const { start, minutes, options, owner } = sentTexts.get()
  const facts = { subject: title, start, minutes, timeZone, recurring: repeats }
  const names: Record<string, string> = { ...facts, options, owner }
  const shown = typeof value === 'boolean' ? (value ? yes : no) : value
  return (
    <>
      <dt className={styles.text}>{names[name] ?? name}</dt>
      <dd className={styles.value}>
        <bdi>{typeof shown === 'object' ? listed(shown as object) : String(shown)}</bdi>
      </dd>
    </>
  )
}

/** Every field of the body, whatever it is, and the owner, which is in a header. */
const entriesOf = ({ body, owner }: Sent): [string, unknown][] => [
  ...Object.entries(JSON.parse(body) as object),
  ...(owner ? [['owner', owner] as [string, string]] : []),
]

const listed = (options: object) =>
  Object.entries(options)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')

function whenAndWhere({ at, url }: Sent) {
  const time = new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(at)
  return { time, host: new URL(url).host }
}
