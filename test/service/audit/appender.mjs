// A process that appends records until it has appended so many, or is killed. Says each one.
import { append } from '../../../src/service/audit/append.ts'
import { openDatabase } from '../../../src/service/database/open.ts'

const [, , databaseUrl, folder, count] = process.argv
const { database, close } = await openDatabase(databaseUrl || undefined, folder)
for (let index = 0; index < Number(count); index++) {
  await append(database, { act: 'proof refused', detail: { reason: 'form', count: index } })
  process.stdout.write('.')
}
await close()
