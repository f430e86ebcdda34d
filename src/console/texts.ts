import { english, type Texts } from './english.ts'
import { french } from './french.ts'
import { type Language, language } from './language.ts'

/** Everything that the console says, in the person's language. */
export const texts: Texts = ({ en: english, fr: french } satisfies Record<Language, Texts>)[language]
