import { readFileSync } from 'node:fs'

/** A block of code in a page. `heading`: the section that it is in. `language`: empty if it names none. */
export interface Block {
  heading: string
  language: string
  text: string
}

/** The blocks of a page, in their order. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let [heading, indent] = ['', '']
  let open: Block | undefined
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    const [isFence, before = '', language = ''] = /^( *)```(\w*)$/.exec(line) ?? []
    if (open && !isFence) open.text += `${line.replace(indent, '')}\n`
    else if (isFence) {
      if (open) blocks.push(open)
      open = open ? undefined : { heading, language, text: '' }
      indent = before
    } else heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading
  }
  return blocks
}

/** The lines of each block of this language in a section of a page: one command each. */
export function commandsIn(page: string, heading: string, language = 'sh'): string[][] {
  const blocks = blocksOf(page).filter((block) => block.heading === heading && block.language === language)
  if (blocks.length === 0) throw new Error(`${page} has no ${language} under "${heading}"`)
  return blocks.map(({ text }) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  )
}

/** A command with values for its `<…>`. */
export const filled = (line: string, values: Record<string, string>) =>
  line.replace(/<([\w ]+)>/g, (all, name: string) => values[name] ?? all)
