import { webDarkTheme, webLightTheme } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import type { Host } from '../host/host.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark, as the page's address or the person's system has it. The add-in hears of a change. */
export function useTheme(host: Host | null) {
  const asked = new URLSearchParams(location.search).get('theme')
  const [isDark, setDark] = useState(asked ? asked === 'dark' : dark.matches)
  useEffect(() => {
    if (asked) return undefined
    const change = () => setDark(dark.matches)
    dark.addEventListener('change', change)
    return () => dark.removeEventListener('change', change)
  }, [asked])
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light'
    host?.raise('officeThemeChanged', [JSON.stringify(officeTheme[isDark ? 'dark' : 'light'])])
  }, [host, isDark])
  return isDark ? webDarkTheme : webLightTheme
}

/** Colours as Office hands them out: numbers. The web file has them in its event only, not in `officeTheme`. */
const officeTheme = {
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
