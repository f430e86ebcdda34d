import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { createBuilder, parseAst } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { languages } from '../../src/contract/languages.ts'

const folder = mkdtempSync(join(tmpdir(), 'launch-event-'))
let script: string

beforeAll(async () => {
  const builder = await createBuilder({ logLevel: 'silent' })
  const { launch } = builder.environments
  if (!launch) throw new Error('There is no launch event to build')
  launch.config.build.outDir = folder
  await builder.build(launch)
  script = readFileSync(join(folder, 'launch-event.js'), 'utf8')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What came after ES2016, or what classic Outlook before build 2403 does not load, as ESTree names it. */
const forbidden: Record<string, (node: Node) => boolean> = {
  'a conditional operator': ({ type }) => type === 'ConditionalExpression',
  'an async function': ({ async }) => async === true,
  await: ({ type }) => type === 'AwaitExpression',
  'optional chaining': ({ type }) => type === 'ChainExpression',
  'a nullish operator': ({ operator }) => ['??', '??=', '||=', '&&='].includes(String(operator)),
  'object spread': ({ type, properties }) =>
    /^Object/.test(type) && [properties].flat().some((p) => /^(Spread|Rest)Element$/.test(p?.type ?? '')),
  'a class field': ({ type }) => type === 'PropertyDefinition',
  'a catch without a name': ({ type, param }) => type === 'CatchClause' && !param,
  'a module': ({ type }) => /^(Import|Export)/.test(type),
  'the page, storage or the network of a browser': ({ type, name }) =>
    type === 'Identifier' &&
    /^(document|window|location|navigator|localStorage|sessionStorage|XMLHttpRequest)$/.test(name ?? ''),
}

interface Node {
  type: string
  name?: string
  async?: boolean
  operator?: string
  param?: unknown
  properties?: Node[]
}

function nodes(node: Node): Node[] {
  const children = Object.values(node)
    .flat()
    .filter((child): child is Node => typeof child?.type === 'string')
  return [node, ...children.flatMap(nodes)]
}

describe('the script for classic Outlook', () => {
  test.each(Object.entries(forbidden))('has no %s', (_, isForbidden) => {
    expect(nodes(parseAst(script) as Node).filter(isForbidden)).toEqual([])
  })

  test('is one function of its own, and weighs no more than 4 kB in any language', () => {
    expect(script.startsWith('(function(){')).toBe(true)
    const files = readdirSync(folder).filter((name) => /^launch-event.*\.js$/.test(name))
    expect(files).toHaveLength(languages.length)
    for (const file of files)
      expect(gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, file).toBeLessThanOrEqual(4096)
  })

  test('loads where there is nothing but the language and Office, and gives Outlook its functions', () => {
    const associated: string[] = []
    const Office = { actions: { associate: (name: string) => associated.push(name) } }
    runInContext(script, createContext({ Office, Promise, setTimeout, clearTimeout }))
    expect(associated).toEqual(['onAppointmentSend', 'onAppointmentChanged', 'onNewAppointment'])
  })

  test('lets an invitation go before Outlook speaks up after five seconds, though Outlook answers nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const handlers: Record<string, (event: object) => void> = {}
    const associate = (name: string, handler: (event: object) => void) => {
      handlers[name] = handler
    }
    // Whatever is called answers at once that it has begun, and calls nobody back.
    const silent: object = new Proxy(() => silent, { get: () => silent })
    const Office = { actions: { associate }, context: silent, AsyncResultStatus: silent }
    runInContext(script, createContext({ Office, Promise, setTimeout, clearTimeout }))
    const completed = vi.fn()
    handlers.onAppointmentSend?.({ completed })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(completed.mock.calls).toEqual([[{ allowEvent: true }]])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(completed).toHaveBeenCalledTimes(1)
  })

  test.each([
    ['waits for a click that adds the meeting, until its invitation is written', true],
    ['does not wait long for a click that may have failed long ago', false],
  ])('%s', async (_, isWritten) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const handlers: Record<string, (event: object) => void> = {}
    const key = 'k'.repeat(22)
    let note: object = { key }
    const [start, end] = [new Date('2030-12-03T09:00:00Z'), new Date('2030-12-03T09:30:00Z')]
    const answering = (value: unknown) => (callback: (result: object) => void) =>
      callback({ status: 'succeeded', value })
    const item = {
      subject: { getAsync: answering('Quarterly review') },
      start: { getAsync: answering(start) },
      end: { getAsync: answering(end) },
      recurrence: { getAsync: answering(null) },
      getItemIdAsync: answering('one'),
      loadCustomPropertiesAsync: (callback: (result: object) => void) =>
        answering({ get: () => JSON.stringify(note) })(callback),
    }
    const Office = {
      actions: {
        associate(name: string, handler: (event: object) => void) {
          handlers[name] = handler
        },
      },
      context: { mailbox: { item, userProfile: { timeZone: 'UTC' } } },
      AsyncResultStatus: { Succeeded: 'succeeded' },
    }
    runInContext(script, createContext({ Office, Promise, setTimeout, clearTimeout }))
    const completed = vi.fn()
    handlers.onAppointmentSend?.({ completed })
    await vi.advanceTimersByTimeAsync(900)
    expect(completed).not.toHaveBeenCalled()
    if (isWritten) {
      const facts = {
        subject: 'Quarterly review',
        start: '2030-12-03T09:00:00Z',
        minutes: 30,
        timeZone: 'UTC',
      }
      const made = {
        meeting: { id: '81234567890', joinUrl: 'https://zoom.example/j/81234567890' },
        facts: { ...facts, recurring: false },
      }
      note = { key, made: { ...made, missing: ['body'] } }
      await vi.advanceTimersByTimeAsync(600)
      expect(completed).not.toHaveBeenCalled()
      note = { key, made: { ...made, missing: [] } }
      await vi.advanceTimersByTimeAsync(300)
    } else await vi.advanceTimersByTimeAsync(1_200)
    expect(completed.mock.calls).toEqual([[{ allowEvent: true }]])
  })
})
