import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { useEffect, useRef } from 'react'
import type { OpenItem } from '../host/open-item.ts'
import { clean } from '../item/html.ts'

const useStyles = makeStyles({
  body: {
    minHeight: '12rem',
    flexGrow: 1,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    overflowWrap: 'anywhere',
    // Fluent's provider aligns to the left, also what reads from right to left.
    textAlign: 'start',
    '& p': { margin: '0 0 0.5em' },
    '& a': { color: tokens.colorBrandForegroundLink },
    '&:focus-visible': {
      outline: `2px solid ${tokens.colorStrokeFocus2}`,
      outlineOffset: '1px',
    },
  },
  plain: { whiteSpace: 'pre-wrap', fontFamily: tokens.fontFamilyMonospace },
})

/** The text of the invitation. The element holds it while it is edited; the item gets a copy. */
export function Body({ item }: { item: OpenItem }) {
  const styles = useStyles()
  const place = useRef<HTMLDivElement>(null)
  const plain = item.appointment.bodyType === 'text'
  useEffect(() => (place.current ? edit(place.current, item) : undefined), [item])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a textarea cannot hold an invitation's HTML
    <div
      ref={place}
      className={mergeClasses(styles.body, plain && styles.plain)}
      role="textbox"
      aria-multiline
      aria-label="Body"
      tabIndex={0}
      contentEditable={plain ? 'plaintext-only' : true}
      suppressContentEditableWarning
    />
  )
}

/** Lets the person and the add-in edit the element at the cursor. */
function edit(element: HTMLElement, item: OpenItem): () => void {
  const ended = new AbortController()
  const until = { signal: ended.signal }
  let cursor = endOf(element)

  const written = () => item.set({ body: element.innerHTML })
  const set = (html: string) => {
    element.replaceChildren(clean(html))
    cursor = endOf(element)
  }
  const insert = (html: string) => {
    const content = clean(html)
    const last = content.lastChild
    cursor.deleteContents()
    cursor.insertNode(content)
    if (last) cursor.setStartAfter(last)
    cursor.collapse(true)
    written()
  }

  set(item.appointment.body)
  item.editor = {
    text: () => (item.appointment.bodyType === 'text' ? (element.textContent ?? '') : element.innerText),
    selectedText: () => cursor.toString(),
    set: (html) => {
      set(html)
      written()
    },
    insert,
  }

  element.addEventListener('input', written, until)
  element.addEventListener('paste', (event) => paste(event, insert), until)
  document.addEventListener('selectionchange', () => (cursor = selectionIn(element) ?? cursor), until)
  return () => ended.abort()
}

function paste(event: ClipboardEvent, insert: (html: string) => void): void {
  const html = event.clipboardData?.getData('text/html')
  if (!html) return
  event.preventDefault()
  insert(html)
}

function selectionIn(element: HTMLElement): Range | undefined {
  const selection = getSelection()
  if (!selection?.rangeCount || !element.contains(selection.anchorNode)) return undefined
  return selection.getRangeAt(0).cloneRange()
}

function endOf(element: HTMLElement): Range {
  const range = document.createRange()
  range.selectNodeContents(element)
  range.collapse(false)
  return range
}
