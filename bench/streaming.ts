import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Calendars } from '../src/simulator/calendars.ts'
import { makeCertificate } from '../src/simulator/kit/certificate.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { createEws, type ServerAccount } from '../src/simulator/microsoft/ews/server.ts'
import { heldBy, launch, stop } from './program.ts'
import { median, megabytes, milliseconds, printTable } from './table.ts'

/** Mailboxes that are followed, and changes of which one after another is heard. */
const [few, group, changes] = [1, 200, 50]
/** Mailboxes of the whole promise, and of a run that takes minutes. */
const [promised, usual] = [10_000, 2_000]
const target = 200

/** (o) Mailboxes on an Exchange server that one account follows: answers that hang, memory, and the time of a change. */
export async function measureStreaming(isFull: boolean): Promise<void> {
  const many = isFull ? promised : usual
  const folder = temporaryFolder()
  const { cert, key } = await makeCertificate(new Date())
  const ca = join(folder.path, 'ca.pem')
  writeFileSync(ca, cert)
  const account = (name: string): ServerAccount => ({ name, password: 'secret', failed: 0, ews: 'open' })
  const accounts = [
    { ...account('service'), impersonates: 'everybody' as const },
    ...Array.from({ length: many }, (_, number) => account(`person${number}`)),
  ]
  const calendars = new Calendars()
  const ews = createEws(accounts, { schemes: ['ntlm'], bindings: 'require' }, calendars)
  const server = createServer({ key, cert }, getRequestListener(ews.app.fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const child = launch(['--import', './bench/measured.mjs', 'bench/run.mjs', 'bench/exchange-follower.ts'], {
    EWS_URL: `https://localhost:${port}/EWS/Exchange.asmx`,
    CA: ca,
  })
  try {
    await said(child, 'ready')
    const rows: string[][] = []
    let first: number | undefined
    for (const followed of [few, group, many]) {
      const began = performance.now()
      child.send({ follow: followed })
      await said(child, 'followed')
      const took = performance.now() - began
      const { resident, heap } = await heldBy(child)
      first ??= resident
      const heard: number[] = []
      for (let change = 0; change < changes; change++) {
        const number = Math.floor((followed * change) / changes)
        const since = performance.now()
        const at = { start: '2030-12-03T09:00:00Z', end: '2030-12-03T09:30:00Z' }
        calendars.put(
          { id: `${followed} ${change}`, subject: 'One', ...at },
          `person${number}@contoso.example`,
        )
        await said(child, 'changed')
        heard.push(performance.now() - since)
      }
      rows.push([
        `${followed.toLocaleString('en')} mailboxes`,
        String(ews.streaming.hanging()),
        milliseconds(took),
        `${median(heard).toFixed(1)} ms`,
        megabytes(heap),
        megabytes(resident - first),
        followed === promised ? `≤ ${target} MB` : '',
      ])
    }
    printTable(
      `(o) Mailboxes on an Exchange server, followed by one account: the part of the service that asks it, alone`,
      [
        '',
        'hanging answers',
        'until followed',
        'a change is heard in',
        'JavaScript',
        'more resident',
        'target',
      ],
      rows,
    )
  } finally {
    await stop(child)
    server.close()
    server.closeAllConnections()
    await folder.remove()
  }
}

const said = (child: ChildProcess, what: string) =>
  new Promise<void>((resolve, reject) => {
    const ended = () => reject(new Error('The follower ended.'))
    const heard = (message: object) => {
      if (!(what in message)) return
      child.off('message', heard).off('exit', ended)
      resolve()
    }
    child.on('message', heard).on('exit', ended)
  })
