/** Colours as Office hands them out: numbers. Outlook on Windows tells them when asked; the web in an event only. */
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

/** The colours the page has now. */
export const officeTheme = () =>
  themes[document.documentElement.style.colorScheme === 'dark' ? 'dark' : 'light']
