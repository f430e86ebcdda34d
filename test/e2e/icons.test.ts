import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openOutlook } from './outlook.ts'

const icons = readdirSync('assets').filter((name) => name.endsWith('.png'))

test('every icon is the drawing of icon.svg', async () => {
  const page = await openOutlook()
  await page.goto('about:blank')
  for (const icon of icons) {
    const sources = [dataOf('icon.svg', 'image/svg+xml'), dataOf(icon, 'image/png')] as const
    const difference = await page.evaluate(async ([svg, png]) => {
      const pixels = async (source: string, side?: number) => {
        const image = new Image(side, side)
        image.src = source
        await image.decode()
        const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
        canvas?.drawImage(image, 0, 0, image.width, image.height)
        return [...(canvas?.getImageData(0, 0, image.width, image.height).data ?? [])]
      }
      const given = await pixels(png)
      const drawn = await pixels(svg, Math.sqrt(given.length / 4))
      return drawn.reduce((sum, value, at) => sum + Math.abs(value - (given[at] ?? 0)), 0) / drawn.length
    }, sources)
    // Of 255: browsers do not smooth edges alike.
    expect(difference, icon).toBeLessThan(2)
  }
})

const dataOf = (file: string, type: string) =>
  `data:${type};base64,${readFileSync(`assets/${file}`).toString('base64')}`
