import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'
import { launchTexts } from '../src/addin/launch-event/texts.ts'
import { languages } from '../src/contract/languages.ts'
import { launchProblems } from '../src/contract/page-problems.ts'

/**
 * Makes a copy of the script in each other language: `launch-event.fr.js`. Classic Outlook loads one file, which has room
 * for one language; the manifest names the file of each.
 */
export const launchLanguages = (): Plugin => ({
  name: 'launch-languages',
  generateBundle(_, bundle) {
    const [script] = Object.values(bundle)
    if (script?.type !== 'chunk') throw new Error('There is no script of launch events')
    // Nothing in it reads the statuses of its problems.
    script.code = script.code.replace(/status:\d+,/g, '')
    for (const language of languages) {
      if (language === 'en') continue
      const source = new URL(`../src/languages/pages/${language}.json`, import.meta.url)
      const { launch, sentences } = JSON.parse(readFileSync(source, 'utf8'))
      const pairs = [
        ...Object.entries(launchTexts).map(([key, english]) => [english, launch[key]]),
        ...Object.values(launchProblems).map(({ says }) => [says, sentences[says]]),
      ]
      const translated = pairs.reduce((code, [english, text]) => {
        if (!text || !code.includes(english)) throw new Error(`In ${language} this is missing: ${english}`)
        return code.replace(english, () => text.replace(/["'`\\]/g, escaped))
      }, script.code)
      this.emitFile({ type: 'asset', fileName: `launch-event.${language}.js`, source: translated })
    }
  },
})

const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16)}`
