import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An organisation's own icons, as its process read them at start. */
export interface Icons {
  /** Where they are served. It has a hash of them, so that no Outlook keeps showing older ones. */
  path: string
  /** PNG, by name: `icon-16.png`. */
  files: ReadonlyMap<string, Buffer>
}

/** Bytes. The largest one is 144 pixels square. */
const largest = 200_000

/** The addresses of icons in the file of the release. */
export const iconAddress = /\/assets\/(icon-(\d+)\.png)(?=")/g

/** The names of the icons that the manifest needs, with their sides in pixels. */
const needed = (manifest: string) =>
  new Map(
    [...readFileSync(manifest, 'utf8').matchAll(iconAddress)].map(([, name = '', side]) => [
      name,
      Number(side),
    ]),
  )

/** What is wrong with a folder of icons, in a sentence for each file. */
export const iconFaults = (folder: string, manifest: string): string[] =>
  [...needed(manifest)].flatMap(([name, side]) => {
    const fault = faultOf(join(folder, name), side)
    return fault ? [`ADDIN_ICONS names a folder whose ${name} ${fault}`] : []
  })

function faultOf(file: string, side: number): string | undefined {
  let png: Buffer
  try {
    png = readFileSync(file)
  } catch {
    return 'cannot be read'
  }
  if (!isPng(png)) return 'is no PNG'
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  if (width !== side || height !== side) return `has ${width} × ${height} pixels instead of ${side} × ${side}`
  return png.length > largest ? `has more than ${largest / 1000} kB` : undefined
}

/** By its signature and its first chunk (PNG, sections 5.2 and 11.2.1). */
const isPng = (bytes: Buffer) => bytes.subarray(0, 16).equals(pngBegins) && bytes.length > 24
const pngBegins = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')

/** Reads a folder of icons without faults. */
export function readIcons(folder: string, manifest: string): Icons {
  const files = new Map([...needed(manifest).keys()].map((name) => [name, readFileSync(join(folder, name))]))
  const hash = createHash('sha256')
  for (const [name, png] of files) hash.update(name).update(png)
  return { path: `/icons/${hash.digest('hex').slice(0, 16)}`, files }
}
