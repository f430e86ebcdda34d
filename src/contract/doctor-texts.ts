import type { DoctorTexts } from './doctor.ts'
import { english } from './doctor-english.ts'
import { french } from './doctor-french.ts'

/** What the doctor says, by language. */
export const doctorTexts = { en: english, fr: french } satisfies Record<string, DoctorTexts>
export type DoctorLanguage = keyof typeof doctorTexts
