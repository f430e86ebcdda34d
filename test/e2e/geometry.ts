import type { Frame, Page } from 'playwright-core'

/** Where something is, in whole pixels of CSS. */
interface Box {
  what: string
  left: number
  top: number
  width: number
  height: number
}

/** Where everything is that a page shows. */
export const boxesIn = (page: Page | Frame): Promise<Box[]> =>
  page.evaluate(() =>
    [...document.body.querySelectorAll<HTMLElement>('*')]
      .filter(
        (element) => !element.closest('script, style, [data-tabster-dummy]') && element.checkVisibility(),
      )
      .map((element) => {
        const { left, top, width, height } = element.getBoundingClientRect()
        const [x, y] = [left + scrollX, top + scrollY]
        const what = `${element.localName} ${(element.ariaLabel ?? element.textContent ?? '').slice(0, 40)}`
        return {
          what,
          ...{
            left: Math.round(x),
            top: Math.round(y),
            width: Math.round(width),
            height: Math.round(height),
          },
        }
      }),
  )

/** What a pointer must hit and is less than 24 pixels high or wide (WCAG 2.2, 2.5.8). A link within a text may be. */
export const smallTargetsIn = (page: Page | Frame): Promise<string[]> =>
  page.evaluate(() => {
    const targets = 'button, a[href], input, select, textarea, summary, [role=button], [tabindex="0"]'
    return [...document.body.querySelectorAll<HTMLElement>(targets)]
      .filter((element) => !element.closest('[data-tabster-dummy]') && element.checkVisibility())
      .filter((element) => !(element.closest('p') && getComputedStyle(element).display === 'inline'))
      .flatMap((element) => {
        // The border around a field belongs to it.
        const whole = element.closest('.fui-Input') ?? element
        const { width, height } = whole.getBoundingClientRect()
        const name = element.ariaLabel ?? element.innerText
        return width < 24 || height < 24 ? [`${element.localName} ${name}: ${width} × ${height}`] : []
      })
  })

/** Pairs of controls one of which covers a part of the other. */
export const overlapsIn = (page: Page | Frame): Promise<string[]> =>
  page.evaluate(() => {
    const all = [...document.body.querySelectorAll<HTMLElement>('button, a[href], select, textarea')]
      .filter((element) => !element.closest('[data-tabster-dummy]') && element.checkVisibility())
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
    return all.flatMap(({ element, box }, index) =>
      all
        .slice(index + 1)
        .filter(({ element: other }) => !element.contains(other) && !other.contains(element))
        .filter(
          ({ box: other }) =>
            box.left < other.right - 1 &&
            other.left < box.right - 1 &&
            box.top < other.bottom - 1 &&
            other.top < box.bottom - 1,
        )
        .map(({ element: other }) => `${element.innerText} / ${other.innerText}`),
    )
  })

/** Texts of which a part cannot be seen. The join link may be cut: **Copy link** has all of it. */
export const cutIn = (page: Page | Frame): Promise<string[]> =>
  page.evaluate(() =>
    [...document.body.querySelectorAll<HTMLElement>('*')]
      .filter(
        (element) => !element.closest('script, style, [data-tabster-dummy]') && element.checkVisibility(),
      )
      .filter((element) => getComputedStyle(element).textOverflow !== 'ellipsis')
      .filter((element) => getComputedStyle(element).clipPath === 'none')
      .filter(
        (element) =>
          !['visible', ''].includes(getComputedStyle(element).overflowX) || element.matches('button, a'),
      )
      .filter(
        ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
          clientWidth > 0 && (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1),
      )
      .map(
        (element) => `${element.localName} ${(element.ariaLabel ?? element.textContent ?? '').slice(0, 60)}`,
      ),
  )
