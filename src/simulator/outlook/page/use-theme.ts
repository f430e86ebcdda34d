import { webDarkTheme, webLightTheme } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import type { Host } from '../host/host.ts'
import { officeTheme } from '../host/office-theme.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark, from the page's address or the system. The add-in is told of a change. */
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
    host?.raise('officeThemeChanged', [JSON.stringify(officeTheme())])
  }, [host, isDark])
  return isDark ? webDarkTheme : webLightTheme
}
