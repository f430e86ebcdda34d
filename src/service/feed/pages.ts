import type { IncomingMessage } from 'node:http'
import type { Context as HonoContext } from 'hono'
import { html, raw } from 'hono/html'
import type { Context } from 'oidc-provider'
import { appSignInSays as says } from '../../contract/app-sign-in.ts'
import { languageIn, saidTo } from '../http/language.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import type { Pages } from './authorization-server.ts'
import type { Way } from './ways.ts'

type Page = ReturnType<typeof html>

const style = `:root{color-scheme:light dark}
body{margin:0;padding:2rem 1rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:28rem;margin:auto}h1{font-size:1.5rem;line-height:1.25}
input,button{font:inherit;padding:.5rem 1rem;margin:.25rem 0}
strong{font-family:ui-monospace,monospace;font-size:1.5rem}`

/** No script, no picture, and no frame around it, so that no other page makes a person click. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${sha256(style).toString('base64')}'; frame-ancestors 'none'; base-uri 'none'`,
  'x-frame-options': 'DENY',
}

/** A page in the language that the browser asks for. */
function page(c: HonoContext, body: Page): string {
  const title = saidTo(c, says.title)
  return String(html`<!doctype html>
<html lang="${languageIn(c)}" dir="auto">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
<main>
<h1>${title}</h1>
${body}
</main>
</html>`)
}

/** Which app it is, and what it may do. */
function asked(c: HonoContext, { app, scope }: { app: string; scope: string }): Page {
  const scopes = scope.split(' ')
  return html`<p>${saidTo(c, says.asks).replace('{app}', app)}</p>
<ul>
${scopes.includes('feed') ? html`<li>${saidTo(c, says.feed)}</li>` : ''}
${scopes.includes('meetings') ? html`<li>${saidTo(c, says.meetings)}</li>` : ''}
</ul>`
}

interface Asks {
  /** The secret of the form. */
  form: string
  /** Which ways there are. */
  ways: readonly Way[]
}

/** A button for each way to sign in. Of one way nobody reads the name. */
const answers = (c: HonoContext, { form, ways }: Asks): Page => html`<form method="post">
<input type="hidden" name="form" value="${form}">
${ways.map(
  (way) =>
    html`<button name="answer" value="${way}">${saidTo(c, ways.length > 1 ? says[way] : says.continue)}</button>\n`,
)}
<button name="answer" value="cancel">${saidTo(c, says.cancel)}</button>
</form>`

/** Asks whether the person has started the app, before they go on. */
export const askPage = (
  c: HonoContext,
  { app, scope, ...asks }: Asks & { app: string; scope: string },
): string =>
  page(
    c,
    html`${asked(c, { app, scope })}
<p>${saidTo(c, says.started)}</p>
${answers(c, asks)}`,
  )

/** Asks how the person signs in. They know already in to what. */
export const choosePage = (c: HonoContext, asks: Asks): string =>
  page(
    c,
    html`<p>${saidTo(c, says.choose)}</p>
${answers(c, asks)}`,
  )

export const failedPage = (c: HonoContext): string =>
  page(c, html`<p role="alert">${saidTo(c, says.failed)}</p>`)

/** The pages that the authorization server asks for. `contextOf`: our context of a request. */
export function devicePages(contextOf: (request: IncomingMessage) => HonoContext): Pages {
  const show = (context: Context, write: (c: HonoContext) => string) => {
    context.body = write(contextOf(context.req))
    for (const [name, value] of Object.entries(pageHeaders)) context.set(name, value)
  }
  /** The library's form has the field for the code, and no words. */
  const secretIn = (form: string) => /name="xsrf" value="([0-9a-f]+)"/.exec(form)?.[1] ?? ''

  return {
    enterCode: (context, form, isWrong) =>
      show(context, (c) =>
        page(
          c,
          html`${isWrong ? html`<p role="alert">${saidTo(c, says.codeWrong)}</p>` : ''}
<form method="post">
<input type="hidden" name="xsrf" value="${secretIn(form)}">
<p><label>${saidTo(c, says.enterCode)}<br>
<input name="user_code" autofocus autocomplete="off" autocapitalize="characters" spellcheck="false" required></label></p>
<button>${saidTo(c, says.continue)}</button>
</form>`,
        ),
      ),
    confirmCode: (context, form, asks, code) =>
      show(context, (c) =>
        page(
          c,
          html`${asked(c, asks)}
<p>${saidTo(c, says.code)} <strong>${code}</strong></p>
<p>${saidTo(c, says.shown)}</p>
<form method="post">
<input type="hidden" name="xsrf" value="${secretIn(form)}">
<input type="hidden" name="user_code" value="${code}">
<button name="confirm" value="yes">${saidTo(c, says.continue)}</button>
<button name="abort" value="yes">${saidTo(c, says.cancel)}</button>
</form>`,
        ),
      ),
    signedIn: (context) => show(context, (c) => page(c, html`<p>${saidTo(c, says.signedIn)}</p>`)),
    failed: (context) => show(context, failedPage),
  }
}
