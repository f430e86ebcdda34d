import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../src/simulator/kit/free-port.ts'

/** A server in a process of its own. */
export interface Program {
  origin: string
  /** Milliseconds from its start to its first 200 on `/healthz`. */
  startedIn: number
  usage(): Promise<Usage>
  held(): Promise<Held>
  /** The most resident bytes until now, garbage too. Only on Linux. */
  most(): number
  /** What its memory is made of, on Linux. Only with a thread beside the main one. */
  memoryByKind(): Promise<Record<string, number>>
  stop(): Promise<void>
}

export interface Usage {
  /** Resident memory, in bytes. */
  memory: number
  /** Processor time so far, in milliseconds. */
  cpu: number
}

/** In bytes, after the garbage is collected. */
export interface Held {
  /** Resident memory. */
  resident: number
  /** What its JavaScript holds. */
  heap: number
}

/** What `npm run serve` tells Node, and its environment. */
const { serve } = JSON.parse(readFileSync('package.json', 'utf8')).scripts
const served = serve.match(/--\S+/g)
const variables = Object.fromEntries(serve.match(/\b[A-Z_]+=\S+/g).map((word: string) => word.split('=')))

/** Starts a JavaScript program that listens on `PORT`, and waits until it is well. */
export async function startProgram(file: string, settings: Record<string, string>): Promise<Program> {
  const origin = `http://127.0.0.1:${await freePort()}`
  const began = performance.now()
  const isOurs = !file.startsWith('bench/')
  const child = launch([...(isOurs ? served : []), '--import', './bench/measured.mjs', file], {
    ...(isOurs && variables),
    ...settings,
    PORT: new URL(origin).port,
  })
  while (!(await isWell(origin))) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode} before it was ready.`)
    await pause(5)
  }
  const startedIn = performance.now() - began
  return {
    origin,
    startedIn,
    usage: () => usageOf(child),
    held: () => heldBy(child),
    most: () => mostOf(child),
    memoryByKind: () => memoryByKind(child),
    stop: () => stop(child),
  }
}

/** A process of ours that talks to us; its log goes nowhere, as fast as it can. */
export function launch(args: string[], settings: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, args, {
    env: { ...process.env, NODE_ENV: undefined, DATABASE_URL: undefined, ...settings },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  child.send('usage')
  const [{ rss, cpu }] = (await once(child, 'message')) as [{ rss: number; cpu: NodeJS.CpuUsage }]
  return { memory: rss, cpu: (cpu.user + cpu.system) / 1000 }
}

/** Of a process with `measured.mjs`. */
export async function heldBy(child: ChildProcess): Promise<Held> {
  child.send('memory')
  const [held] = (await once(child, 'message')) as [Held]
  return held
}

function mostOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

/** Bytes that are resident, by what they are for. */
async function memoryByKind(child: ChildProcess): Promise<Record<string, number>> {
  child.send('heaps')
  const [heaps] = (await once(child, 'message')) as [{ main: number; thread: number }]
  const read = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8')
  const mapped = [...read('smaps').matchAll(mapping)].map(([, start, end, rights, name, resident]) => ({
    start: Number.parseInt(start as string, 16),
    size: Number.parseInt(end as string, 16) - Number.parseInt(start as string, 16),
    kind: name?.startsWith('/') ? 'file' : rights?.includes('x') ? 'code' : 'data',
    isHeap: name === '[heap]',
    resident: Number(resident) * 1024,
  }))
  const sum = (those: typeof mapped) => those.reduce((total, { resident }) => total + resident, 0)
  const data = mapped.filter(({ kind }) => kind === 'data')
  const database = data.reduce((one, other) => (other.size > one.size && other.resident > 0 ? other : one))
  const allocated = data.filter((one) => one !== database && (one.isHeap || one.start % arena === 0))
  return {
    'pages of Node’s program and libraries': sum(mapped.filter(({ kind }) => kind === 'file')),
    'machine code': sum(mapped.filter(({ kind }) => kind === 'code')),
    'PostgreSQL’s memory': database.resident,
    'malloc, in use or kept': sum(allocated),
    'JavaScript of the service': heaps.main,
    'JavaScript of the database’s thread': heaps.thread,
    'the rest: PGlite’s program and files, stacks':
      sum(data) - database.resident - sum(allocated) - heaps.main - heaps.thread,
    together: sum(mapped),
    'the most until then': mostOf(child),
  }
}

/** glibc begins its arenas at multiples of this. */
const arena = 64 * 1024 * 1024
/** A mapping in `/proc/PID/smaps`: its addresses, its rights, its name and its resident kilobytes. */
const mapping = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)\n(?:[A-Z].*\n)*?Rss: +(\d+)/gm

async function isWell(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/healthz`)).ok
  } catch {
    return false
  }
}
