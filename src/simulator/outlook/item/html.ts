/** Elements that Outlook removes from HTML of an add-in or the clipboard. */
const forbidden = 'script, style, link, meta, base, iframe, object, embed, form, input, button, template'

/** HTML as Outlook allows it in a body: without code, and without elements that load code. */
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

/** Plain text as HTML, with `<br>` for line ends. */
export function asHtml(text: string): string {
  return escaped(text).replace(/\r?\n/g, '<br>')
}

/** Plain text with HTML's special characters escaped. */
export function escaped(text: string): string {
  return text.replace(/[&<>]/g, (c) => entities[c] ?? c)
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
