import { type Theme, webLightTheme } from '@fluentui/react-components'
import { useEffect, useState } from 'react'

const darkScheme = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark as Outlook is, or else as the system is. Never fails: a theme that cannot be loaded is the light one. */
export async function themeNow(): Promise<Theme> {
  if (!(outlookIsDark() ?? darkScheme.matches)) return webLightTheme
  return import('./dark.ts').then(
    (dark) => dark.default,
    () => webLightTheme,
  )
}

/** The theme, also when the system changes it. */
export function useTheme(first: Theme): Theme {
  const [theme, setTheme] = useState(first)
  useEffect(() => {
    const change = () => themeNow().then(setTheme)
    darkScheme.addEventListener('change', change)
    return () => darkScheme.removeEventListener('change', change)
  }, [])
  return theme
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
