/** Office's theme colours, as numbers. Outlook on Windows returns them on request; the web sends them in an event only. */
const themes = {
  light: {
    bodyBackgroundColor: 0xffffff,
    bodyForegroundColor: 0x242424,
    controlBackgroundColor: 0xffffff,
    controlForegroundColor: 0x242424,
  },
  dark: {
    bodyBackgroundColor: 0x292929,
    bodyForegroundColor: 0xffffff,
    controlBackgroundColor: 0x292929,
    controlForegroundColor: 0xffffff,
  },
}

/** The page's current colours. */
export const officeTheme = () =>
  themes[document.documentElement.style.colorScheme === 'dark' ? 'dark' : 'light']
