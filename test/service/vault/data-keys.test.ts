import { expect, test } from 'vitest'
import { dataKeys } from '../../../src/service/vault/data-keys.ts'
import type { KeyProvider } from '../../../src/service/vault/key-provider.ts'
import { context, ringOf, seal } from './kit.ts'

const minute = 60_000

/** A process, how often it asked its key provider, and its clock. */
function openProcess() {
  const keys = ringOf('one')
  const process = { asked: 0, now: 0, down: false }
  const counted: KeyProvider = {
    ...keys,
    unwrap(wrapped, about) {
      process.asked++
      return process.down ? Promise.reject(new Error('down')) : keys.unwrap(wrapped, about)
    },
  }
  const { open } = dataKeys(counted, () => process.now)
  return { keys, process, open }
}

test('a warm process opens a credential without its key provider, for five minutes', async () => {
  const { keys, process, open } = openProcess()
  const sealed = await seal(keys, context, 'secret')
  expect(await Promise.all([open(context, sealed), open(context, sealed)])).toEqual(['secret', 'secret'])
  process.now = 5 * minute - 1
  expect(await open(context, sealed)).toBe('secret')
  expect(process.asked).toBe(1)
  process.now = 5 * minute
  expect(await open(context, sealed)).toBe('secret')
  expect(process.asked).toBe(2)
})

test('a remembered data key opens no other version, owner or record', async () => {
  const { keys, process, open } = openProcess()
  const sealed = await seal(keys, context, 'secret')
  const others = [
    { version: 8 },
    { id: '00000000-0000-4000-8000-000000000002' },
    { organisation: 'fabrikam' },
    { caller: 'app:other' },
    { provider: 'google' as 'zoom' },
    { purpose: 'refresh-token' },
  ]
  for (const other of others) {
    await open(context, sealed)
    const before = process.asked
    await expect(open({ ...context, ...other }, sealed)).rejects.toMatchObject({ reason: 'not_genuine' })
    expect(process.asked).toBe(before + 1)
  }
})

test('a remembered data key opens no bytes that were changed', async () => {
  const { keys, open } = openProcess()
  const sealed = await seal(keys, context, 'secret')
  await open(context, sealed)
  const changed = Buffer.from(sealed.sealed)
  changed.writeUInt8(changed.readUInt8(20) ^ 1, 20)
  await expect(open(context, { ...sealed, sealed: changed })).rejects.toMatchObject({ reason: 'not_genuine' })
})

test('a key provider that was down is asked again', async () => {
  const { keys, process, open } = openProcess()
  const sealed = await seal(keys, context, 'secret')
  process.down = true
  await expect(open(context, sealed)).rejects.toThrow('down')
  process.down = false
  expect(await open(context, sealed)).toBe('secret')
})

test('a process remembers a thousand data keys and no more', async () => {
  const { keys, process, open } = openProcess()
  const sealed = await Promise.all(
    Array.from({ length: 1001 }, async (_, version) => {
      const about = { ...context, version }
      return { about, sealed: await seal(keys, about, 'secret') }
    }),
  )
  for (const one of sealed) await open(one.about, one.sealed)
  expect(process.asked).toBe(1001)
  const [first, second] = sealed as [(typeof sealed)[0], (typeof sealed)[0]]
  await open(second.about, second.sealed)
  expect(process.asked).toBe(1001)
  await open(first.about, first.sealed)
  expect(process.asked).toBe(1002)
})
