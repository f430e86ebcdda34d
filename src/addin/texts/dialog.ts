import { i18n } from './i18n.ts'

/** What the sign-in window says. */
export const dialogTexts = i18n('dialog', {
  title: 'Zoom for Outlook: sign in',
  signingIn: 'Signing in …',
  closes: 'This window closes by itself.',
})
