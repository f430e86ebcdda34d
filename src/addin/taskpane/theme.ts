import { type Theme, webDarkTheme, webLightTheme } from '@fluentui/react-components'
import { useSyncExternalStore } from 'react'

const darkScheme = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark, as Outlook's theme is. If Outlook does not tell its theme, as the system's is. */
export function useOutlookTheme(): Theme {
  const dark = useSyncExternalStore(
    (changed) => {
      darkScheme.addEventListener('change', changed)
      return () => darkScheme.removeEventListener('change', changed)
    },
    () => outlookIsDark() ?? darkScheme.matches,
  )
  return dark ? webDarkTheme : webLightTheme
}

/** From the brightness of Outlook's background, `#rrggbb`. Undefined in Outlook on the web and on Mac. */
function outlookIsDark(): boolean | undefined {
  const background = Office.context.officeTheme?.bodyBackgroundColor
  if (!background) return undefined
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    Number.parseInt(background.slice(at, at + 2), 16),
  )
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128
}
