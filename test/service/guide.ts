import { readFileSync } from 'node:fs'

/** The lines of the first block of this language in a section of a page: one command each. `values`: what its `<…>` stand for. */
export function commandsIn(page: string, heading: string, language = 'sh') {
  const [, section = ''] =
    new RegExp(`^## ${heading}\\n(.*?)(?=^## |$(?![\\s\\S]))`, 'ms').exec(readFileSync(page, 'utf8')) ?? []
  const blocks = [...section.matchAll(new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))]
  if (blocks.length === 0) throw new Error(`${page} has no ${language} under "${heading}"`)
  return blocks.map(([, text = '']) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  )
}

/** A command with values for its `<…>`. */
export const filled = (line: string, values: Record<string, string>) =>
  line.replace(/<(\w+)>/g, (all, name: string) => values[name] ?? all)
