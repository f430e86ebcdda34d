import type { Log } from '../log.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { App } from '../vault/lasting-key.ts'
import { sealedJson } from '../vault/sealed-json.ts'

/** What a row is of: it opens as no other. */
interface Row {
  subject: string
  id: string
}

/** Seals what people save: a template's name is a text of its person. */
export function sealing(app: App, credentials: Credentials, log: Log) {
  const sealed = sealedJson(app, 'templates', credentials, log)
  const about = ({ subject, id }: Row) => ['template 1', subject, id]
  return {
    seal: (row: Row, saved: object) => sealed.seal(about(row), saved),
    open: (row: Row, bytes: Buffer) => sealed.open(about(row), bytes),
  }
}
