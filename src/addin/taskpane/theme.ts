/** From the brightness of Outlook's background, `#rrggbb`. Undefined in Outlook on the web and on Mac. */
export function outlookIsDark(): boolean | undefined {
  const background = Office.context.officeTheme?.bodyBackgroundColor
  if (!background) return undefined
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    Number.parseInt(background.slice(at, at + 2), 16),
  )
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128
}
