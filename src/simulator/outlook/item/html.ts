/** What Outlook takes out of HTML that an add-in, or the clipboard, puts into a body. */
const forbidden = 'script, style, link, meta, base, iframe, object, embed, form, input, button, template'

/** HTML as Outlook lets it into a body: no code, nothing that loads code. */
export function clean(html: string): DocumentFragment {
  const { content } = Object.assign(document.createElement('template'), { innerHTML: html })
  for (const element of content.querySelectorAll(forbidden)) element.remove()
  for (const element of content.querySelectorAll('*')) {
    for (const { name, value } of [...element.attributes]) {
      if (/^on/i.test(name) || /^\s*(javascript|vbscript|data:text)/i.test(value))
        element.removeAttribute(name)
    }
  }
  return content
}

/** Plain text as HTML. */
export function asHtml(text: string): string {
  return escaped(text).replace(/\r?\n/g, '<br>')
}

/** Plain text where it is shown as such, line by line. */
export function escaped(text: string): string {
  return text.replace(/[&<>]/g, (c) => entities[c] ?? c)
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
