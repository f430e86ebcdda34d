/// <reference types="vite/types/importMeta.d.ts" />
import { Field, makeStyles, Select, tokens } from '@fluentui/react-components'
import { Fragment, useEffect, useState } from 'react'
import {
  type Invited,
  invitationLabels,
  invitationOf,
  type Labels,
  type Paragraph,
  type Piece,
  textOf,
} from '../contract/invitation.ts'
import { chosenIn, type Template } from '../contract/invitation-template.ts'
import { type Language, languages } from '../contract/languages.ts'
import { nameOf } from './language.ts'
import { Card } from './parts.tsx'
import { texts } from './texts.ts'

const useStyles = makeStyles({
  html: { overflowWrap: 'anywhere' },
  plain: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300 },
})

const { invitation: says } = texts

/** What people read in each language, as the add-in has it. English is in the code. */
const files = import.meta.glob<Labels>('../languages/pages/*.json', { import: 'invitation' })

/** Telephone numbers as Zoom may have them. */
const numbers = [
  ['US', '+1 646 555 0100'],
  ['DE', '+49 69 5550 1234'],
  ['FR', '+33 1 5550 0123'],
] as const

interface Props {
  template: Template
  language: Language
}

/** An invitation with this template, as it is read in a language. The add-in makes it with the same code. */
export function InvitationPreview({ template, language: first }: Props) {
  const styles = useStyles()
  const [language, setLanguage] = useState(first)
  const labels = useLabels(language)
  const direction = language === 'ar' ? 'rtl' : 'ltr'
  const paragraphs =
    labels && invitationOf(sample(template, language), { labels, name: says.sampleName, direction })
  return (
    <Card name={says.preview}>
      <Field label={says.previewIn}>
        <Select value={language} onChange={(_, { value }) => setLanguage(value as Language)}>
          {languages.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </Select>
      </Field>
      {paragraphs && (
        <>
          <h2 className={styles.heading}>{says.asHtml}</h2>
          <section aria-label={says.asHtml} lang={language} dir={direction} className={styles.html}>
            {template.logo && <p>{says.logoHere(template.logo)}</p>}
            {inOrder(paragraphs).map(([key, lines]) => (
              <Html key={key} lines={lines} />
            ))}
          </section>
          <h2 className={styles.heading}>{says.asText}</h2>
          <pre lang={language} dir={direction} className={styles.plain}>
            {textOf(paragraphs)}
          </pre>
        </>
      )}
    </Card>
  )
}

const inOrder = <T,>(all: readonly T[]) => all.map((one, index) => [String(index), one] as const)

const Html = ({ lines }: { lines: Paragraph }) => (
  <p>
    {inOrder(lines).map(([key, line]) => (
      <Fragment key={key}>
        {inOrder(line).map(([at, piece]) => (
          <Words key={at} piece={piece} />
        ))}
        <br />
      </Fragment>
    ))}
  </p>
)

function Words({ piece: { text, bold, href } }: { piece: Piece }) {
  const linked = href ? (
    <a href={href} target="_blank" rel="noreferrer">
      {text}
    </a>
  ) : (
    text
  )
  return bold ? <strong>{linked}</strong> : linked
}

function useLabels(language: Language): Labels | undefined {
  const [labels, setLabels] = useState<Labels | undefined>(language === 'en' ? invitationLabels : undefined)
  useEffect(() => {
    let isCurrent = true
    const file = files[`../languages/pages/${language}.json`]
    const found = file ? file() : Promise.resolve(invitationLabels)
    found.then((read) => isCurrent && setLabels(read)).catch(() => {})
    return () => {
      isCurrent = false
    }
  }, [language])
  return labels
}

/** A meeting of nobody's. */
function sample(template: Template, language: Language): Invited {
  const id = '81234567890'
  const names = new Intl.DisplayNames(language, { type: 'region' })
  const countries = template.dialInCountries.split(';').filter(Boolean)
  const dialIn = numbers
    .filter(([country]) => countries.length === 0 || countries.includes(country))
    .map(([country, number]) => `${names.of(country)} ${number}`)
    .join('\n')
  return {
    id,
    joinUrl: `https://zoom.us/j/${id}`,
    passcode: '123456',
    ...(template.lines.dialIn && dialIn && { dialIn }),
    invitation: chosenIn(template, { id, language, mayLogo: false }),
  }
}
