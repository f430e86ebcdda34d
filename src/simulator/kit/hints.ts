import type { Situations } from '../vendor.ts'
import type { Fault, Faults } from './faults.ts'

/** The name of a hint among the calls that a fault matches. */
const call = 'hint'

/** The way of hints from the service to apps: each `changed` may be lost, late or doubled. All else passes as it is. */
export function hintsUnder(faults: Faults): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  return new TransformStream({
    transform(bytes, controller) {
      const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const isHint = /^event: changed$/m.test(block)
        const {
          drop,
          delay = 0,
          copies = 1,
        }: Omit<Fault, 'vendor'> = (isHint && faults.next('service', call)) || {}
        const text = encoder.encode(`${block}\n\n`.repeat(copies))
        if (drop) continue
        if (delay === 0) controller.enqueue(text)
        else setTimeout(() => enqueue(controller, text), delay)
      }
    },
  })
}

/** The app may have left meanwhile. */
function enqueue(controller: TransformStreamDefaultController<Uint8Array>, text: Uint8Array): void {
  try {
    controller.enqueue(text)
  } catch {}
}

const always = { vendor: 'service', match: call, times: 'always' } as const

/** What people meet with hints. */
export const aboutHints = (faults: Faults): Situations => ({
  'hints-lost': {
    says: 'Every hint to an app is lost',
    begin: () => faults.add({ ...always, drop: true }),
  },
  'hints-doubled': {
    says: 'Every hint to an app comes twice',
    begin: () => faults.add({ ...always, copies: 2 }),
  },
  'hints-late': {
    says: 'Every hint to an app is ten seconds late',
    begin: () => faults.add({ ...always, delay: 10_000 }),
  },
})
