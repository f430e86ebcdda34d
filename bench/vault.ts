import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { dataKeys } from '../src/service/vault/data-keys.ts'
import { keyRing } from '../src/service/vault/key-ring.ts'
import { type Context, sealer } from '../src/service/vault/seal.ts'
import { median, printTable } from './table.ts'

/** Bytes of an access token. */
const secretBytes = 800
/** Rounds of each in turn, and how often each opens in a round. */
const [rounds, times] = [41, 5_000]
const target = 1.3

/** (d) Opening a sealed credential in a process that has its data key, beside Node's own decryption of the same bytes. */
export async function measureVault(): Promise<void> {
  const keys = keyRing([{ id: 'bench', key: randomBytes(32) }])
  const context: Context = {
    organisation: 'AbCdEfGhIjKlMnOpQrStUv',
    caller: 'app:AbCdEfGhIjKlMnOpQrStUv',
    provider: 'zoom',
    purpose: 'access-token',
    id: randomUUID(),
    version: 1,
  }
  const secret = randomBytes(secretBytes / 2).toString('hex')
  const sealed = (await sealer(keys, context))(secret)
  const unwrapped = dataKeys(keys)
  const bare = bareDecryption(secret)
  const vault = () => unwrapped.open(context, sealed)
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await microseconds(vault))
    theirs.push(await microseconds(bare))
  }
  const ratio = median(ours.map((one, index) => one / (theirs[index] ?? Number.NaN)))
  const figure = (figures: number[]) => `${median(figures).toFixed(2)} µs`
  printTable(
    `(d) Opening a sealed credential of ${secretBytes} bytes: medians of ${rounds} rounds`,
    ['', 'CPU/credential', 'of bare', 'target'],
    [
      ['the vault, warm', figure(ours), ratio.toFixed(2), `≤ ${target}`],
      ['bare createDecipheriv', figure(theirs), '', ''],
    ],
  )
}

/** The same bytes under a key that is at hand, and nothing that binds them to a record. */
function bareDecryption(secret: string): () => Promise<string> {
  const [key, nonce] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const encrypted = Buffer.concat([cipher.update(secret), cipher.final()])
  const tag = cipher.getAuthTag()
  return async () => {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAuthTag(tag)
    return decipher.update(encrypted, undefined, 'utf8') + decipher.final('utf8')
  }
}

/** Processor time of one call, on average: what else the machine does counts less. */
async function microseconds(open: () => Promise<string>): Promise<number> {
  const before = process.cpuUsage()
  for (let time = 0; time < times; time++) await open()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}
