import { type Theme, webDarkTheme, webLightTheme } from '@fluentui/react-components'
import { useSyncExternalStore } from 'react'

const darkScheme = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark, as the program around the page is. If it does not tell (undefined), as the system's theme is. */
export function useTheme(surroundingsAreDark: () => boolean | undefined = () => undefined): Theme {
  const dark = useSyncExternalStore(
    (changed) => {
      darkScheme.addEventListener('change', changed)
      return () => darkScheme.removeEventListener('change', changed)
    },
    () => surroundingsAreDark() ?? darkScheme.matches,
  )
  return dark ? webDarkTheme : webLightTheme
}
