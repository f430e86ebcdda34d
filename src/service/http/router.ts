import type { Result, Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { TrieRouter } from 'hono/router/trie-router'

const isAdministrators = (path: string) => path.startsWith('/admin')

/**
 * Hono's fast router refuses paths of which one has a parameter where the other has a word, such as
 * `/admin/sync/{subject}/check` and `/admin/sync/failed/{id}/retry`, and Hono then takes its slow one for every path. So
 * the administrators' paths have a router of their own.
 */
export class TwoRouters<Handler> implements Router<Handler> {
  readonly name = 'TwoRouters'
  readonly #administrators = new TrieRouter<Handler>()
  readonly #others = new RegExpRouter<Handler>()

  add(method: string, path: string, handler: Handler): void {
    if (isAdministrators(path) || path === '/*') this.#administrators.add(method, path, handler)
    if (!isAdministrators(path)) this.#others.add(method, path, handler)
  }

  match(method: string, path: string): Result<Handler> {
    return (isAdministrators(path) ? this.#administrators : this.#others).match(method, path)
  }
}
