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

/** What `npm run serve` tells Node. */
const served = JSON.parse(readFileSync('package.json', 'utf8')).scripts.serve.match(/--\S+/g)

/** Starts a JavaScript program that listens on `PORT`, and waits until it is well. */
export async function startProgram(file: string, settings: Record<string, string>): Promise<Program> {
  const origin = `http://127.0.0.1:${await freePort()}`
  const began = performance.now()
  const flags = file.startsWith('bench/') ? [] : served
  const child = launch([...flags, '--import', './bench/measured.mjs', file], {
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

async function isWell(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/healthz`)).ok
  } catch {
    return false
  }
}
