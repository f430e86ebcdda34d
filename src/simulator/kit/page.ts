import { html } from 'hono/html'
import type { Person } from '../people.ts'

type Html = ReturnType<typeof html>

/** The company that a page imitates. `accent`: a CSS colour. */
export interface Brand {
  name: string
  accent: string
}

/** A page that a vendor would show a person. It says that it is a stand-in. */
export function page({ name, accent }: Brand, title: string, body: Html, reminder: string): Html {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>
  :root { --accent: ${accent}; --line: color-mix(in srgb, CanvasText 20%, Canvas);
    --quiet: color-mix(in srgb, CanvasText 70%, Canvas) }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem;
    font: 1rem/1.5 system-ui, sans-serif; background: color-mix(in srgb, var(--accent) 8%, Canvas) }
  main { width: min(28rem, 100%); padding: 2rem; background: Canvas; border-radius: .5rem;
    border-top: .25rem solid var(--accent); box-shadow: 0 .25rem 1.5rem rgb(0 0 0 / 15%) }
  h1 { margin: .25rem 0 1rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere }
  p { margin: 0 0 1rem; overflow-wrap: anywhere }
  ul { margin: 0 0 1rem; padding: 0 0 0 1.25rem }
  .from, .reminder, small { color: var(--quiet); font-size: .875rem }
  .from { margin: 0 }
  .reminder { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line) }
  .error { padding: .75rem 1rem; border-left: .25rem solid #c50f1f; background: color-mix(in srgb, #c50f1f 10%, Canvas) }
  .accounts { list-style: none; padding: 0; max-height: 20rem; overflow-y: auto;
    border: 1px solid var(--line); border-radius: .25rem }
  summary { padding: .75rem 0; cursor: pointer }
  button { font: inherit; color: CanvasText; background: Canvas; border: 1px solid var(--line);
    border-radius: .25rem; padding: .5rem 1.25rem; cursor: pointer }
  button:hover { background: color-mix(in srgb, var(--accent) 10%, Canvas) }
  :is(button, summary, .accounts):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
  .accounts:focus-visible, .accounts button:focus-visible { outline-offset: -2px }
  .accounts button { display: block; width: 100%; border-width: 0 0 1px; border-radius: 0; text-align: start;
    padding: .75rem; overflow-wrap: anywhere }
  .accounts li:last-child button { border: 0 }
  .accounts small { display: block }
  .actions { display: flex; flex-wrap: wrap; gap: .75rem; justify-content: flex-end; margin: 0 }
  button.primary { color: #fff; background: var(--accent); border-color: transparent }
  button.primary:hover { background: color-mix(in srgb, var(--accent) 85%, #000) }
</style>
<main>
  <p class="from">${name}, simulated</p>
  <h1>${title}</h1>
  ${body}
  <p class="reminder">This is a stand-in for ${name} on your own machine: ${reminder}.</p>
</main>
</html>`
}

/** A list of people. A button for each submits the `objectId` as `person`. */
export function accounts(
  people: readonly Pick<Person, 'displayName' | 'emailAddress' | 'objectId' | 'roles'>[],
): Html {
  return html`<ul class="accounts">${people.map(
    ({ displayName, emailAddress, objectId, roles }) => html`
    <li>
      <button name="person" value="${objectId}">Sign in as ${displayName} <small>${[emailAddress, ...(roles ?? [])].join(', ')}</small></button>
    </li>`,
  )}
  </ul>`
}
