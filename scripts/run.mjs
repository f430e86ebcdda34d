// `node scripts/run.mjs [NAME=VALUE …] PROGRAM …` runs a program on this Node, with these variables. Where package.json excludes this Node, it runs the
// program on a Node from npm instead: scripts/node/recommended locks one for each platform. `ON_NODE=recommended` or
// `oldest` or `newest` asks for the Node of that folder in any case.
// An old Node reads this file before anything is installed: no new syntax, and no imports but Node's.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { installed, installLocked, locked } from './locked.mjs'

const { arch, env, platform, versions } = process
const advice = 'Install Node 24 from https://nodejs.org/ and run this command again.'
const words = process.argv.slice(2)
const first = words.findIndex((word) => !/^\w+=/.test(word))
const [program, ...args] = words.slice(first)

const reason = reasonForAnother()
const node = reason && lockedNode(env.ON_NODE || 'recommended')
const isNew = addVariables(words.slice(0, first))
if (!node || node.version === versions.node) {
  // What glibc reads as a process starts has to be there then.
  if (isNew && platform === 'linux' && process.execve)
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], env)
  process.argv.splice(1, 1 + first)
  stopWithParent(process)
  await import(pathToFileURL(resolve(program)).href)
} else {
  bring(node)
  runOn(node.file)
}

/** Puts these variables into the environment, unless they have a value there. Whether one of them had none. */
function addVariables(variables) {
  const pairs = variables.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])
  const added = pairs.filter(([name]) => env[name] === undefined)
  for (const [name, value] of added) env[name] = value
  return added.length > 0
}

/** Why the program does not run on the Node that reads this; nothing if it does. */
function reasonForAnother() {
  if (env.ON_NODE) return `ON_NODE is ${env.ON_NODE}`
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const least = engines.node.match(/\d+/g).map(Number)
  const [major, minor] = versions.node.split('.').map(Number)
  const supported = major > least[0] || (major === least[0] && minor >= least[1])
  return supported ? undefined : `Node ${versions.node} is too old for this project`
}

/** The Node that a folder of scripts/node locks for this platform: its folder, path there, version and file. */
function lockedNode(name) {
  const folder = fileURLToPath(new URL(`node/${name}`, import.meta.url))
  if (!existsSync(folder)) fail(`${reason}. It must be "recommended", "oldest" or "newest".`)
  const packages = Object.entries(locked(folder))
  const found = packages.find(([, { os, cpu }]) => os === platform && cpu === arch)
  if (!found) fail(`${reason}, and npm has no other Node for ${platform} on ${arch}. ${advice}`)
  const [path, { version, bin }] = found
  return { folder, path, version, file: join(folder, path, bin.node) }
}

/** Installs this Node if it is not there yet, and says in one line what the program runs on. */
function bring({ folder, path, version, file }) {
  const isThere = () => installed(folder)[path]?.version === version && existsSync(file)
  if (isThere()) return console.error(`${reason}. Running on Node ${version} from npm.`)
  console.error(`${reason}. Downloading Node ${version} from npm (once, about 50 MB) …`)
  installLocked(folder, '--include=optional')
  if (!isThere()) fail(`npm could not install Node ${version}. ${advice}`)
}

/**
 * Runs the program on this Node, and everything that it starts as `node`. It receives our signals and sets our exit
 * code. On Windows the console tells all its programs by itself, and `kill` would end the child at once.
 */
function runOn(file) {
  env.PATH = dirname(file) + delimiter + env.PATH
  const child = spawn(file, [...process.execArgv, program, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => platform === 'win32' || child.kill(signal))
  child.on('error', ({ message }) =>
    fail(`Node from npm does not start on this machine (${message}). ${advice}`),
  )
  child.on('close', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
  stopWithParent(child)
}

/** A signal for npm can end the shell between npm and us without reaching us, or the program. */
function stopWithParent({ pid }) {
  if (!env.npm_lifecycle_event) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(pid)
  }, 250).unref()
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
