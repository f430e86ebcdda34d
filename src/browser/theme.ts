import { type Theme, webDarkTheme, webLightTheme } from '@fluentui/react-components'
import { useSyncExternalStore } from 'react'

const darkScheme = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark, as the system's theme is. */
export function useTheme(): Theme {
  const dark = useSyncExternalStore(
    (changed) => {
      darkScheme.addEventListener('change', changed)
      return () => darkScheme.removeEventListener('change', changed)
    },
    () => darkScheme.matches,
  )
  return dark ? webDarkTheme : webLightTheme
}
