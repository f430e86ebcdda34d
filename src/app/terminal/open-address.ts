import { spawn } from 'node:child_process'

/**
 * Opens an address in the browser of the person, without a shell. Where there is no browser, or `BROWSER` is `none`, nothing
 * happens.
 */
export function openAddress(address: string, platform = process.platform): void {
  if (process.env.BROWSER === 'none') return
  const [program, ...args] = openers[platform] ?? ['xdg-open']
  spawn(program, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

const openers: Partial<Record<NodeJS.Platform, [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}
