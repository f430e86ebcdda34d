import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createActs } from '../../../src/app/companion/acts.ts'
import { createClient } from '../../../src/browser/client.ts'
import { askCompanion } from '../../../src/simulator/plug-in.ts'
import { newKey, quarterlyReview, untilHeld } from '../../kit.ts'
import { type Note, newFolder, noteIn, noteOf, startCompanion, usingWorld } from './kit.ts'

const world = usingWorld()

/** A connection that says exactly what a test wants. `heard` ends when the companion ends it. */
async function connectTo(address: string) {
  const socket = connect({ path: address, allowHalfOpen: true })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  return {
    socket,
    say: (words: object) => socket.write(`${JSON.stringify(words)}\n`),
    /** Undefined: the connection has ended. */
    async hear() {
      // What was sent to a connection that was cut is an error of that connection.
      const { value, done } = await lines.next().catch(() => ({ value: '', done: true }))
      return done ? undefined : JSON.parse(value)
    },
  }
}
type Connection = Awaited<ReturnType<typeof connectTo>>

const nonce = 'ab'.repeat(32)
const hello = { jsonrpc: '2.0', id: 1, method: 'hello', params: { version: 1, nonce } }
const prove = (proof: string) => ({ jsonrpc: '2.0', id: 2, method: 'prove', params: { proof } })
const proofOf = (secret: string, ...said: string[]) =>
  createHmac('sha256', Buffer.from(secret, 'hex'))
    .update(['zoom-for-outlook bridge 1', ...said].join('\n'))
    .digest('hex')

/** Says hello, and proves itself as `proof` says. */
async function greet(connection: Connection, { address, secret }: Note, role = 'plug-in') {
  connection.say(hello)
  const { result } = await connection.hear()
  connection.say(prove(proofOf(secret, role, address, nonce, result.nonce)))
  return result as { nonce: string; proof: string }
}

async function greeted(note: Note) {
  const connection = await connectTo(note.address)
  await greet(connection, note)
  expect(await connection.hear()).toEqual({ jsonrpc: '2.0', id: 2, result: {} })
  return connection
}

const refused = { error: { code: -32001, message: 'The caller has not proved that it knows the secret.' } }
const meetingOf = (id: unknown) =>
  world()
    .zoom.meetings()
    .find((meeting) => String(meeting.id) === id)
const appointment = quarterlyReview

describe('over the bridge', () => {
  test('a plug-in schedules, updates, reads and removes a meeting with the five facts', async () => {
    const { folder } = await startCompanion()
    const key = newKey()
    const scheduled = await askCompanion(folder, 'schedule', { key, appointment })
    expect(scheduled).toEqual({
      result: {
        id: expect.stringMatching(/^\d+$/),
        joinUrl: expect.stringMatching(/^https:/),
        passcode: expect.any(String),
        invitation: expect.stringContaining('Join Zoom Meeting\nhttps://'),
      },
    })
    const { id } = (scheduled as { result: Record<string, string> }).result
    expect(meetingOf(id)).toMatchObject({ topic: 'Quarterly review', duration: 30 })

    const moved = { ...appointment, start: '2030-12-04T09:00:00Z' }
    expect(await askCompanion(folder, 'update', { key, appointment: moved })).toEqual(scheduled)
    expect(meetingOf(id)).toMatchObject({ start_time: '2030-12-04T09:00:00Z' })
    expect(await askCompanion(folder, 'state', { key })).toEqual(scheduled)

    expect(await askCompanion(folder, 'remove', { key })).toEqual({ result: {} })
    expect(meetingOf(id)).toBeUndefined()
    expect(await askCompanion(folder, 'remove', { key })).toEqual({ result: {} })
  })

  test('the same key twice is one meeting, also when both requests come at once', async () => {
    const { folder } = await startCompanion()
    const key = newKey()
    const schedule = () => askCompanion(folder, 'schedule', { key, appointment })
    const [first, second] = await Promise.all([schedule(), schedule()])
    expect(first).toMatchObject({ result: { id: expect.any(String) } })
    expect(second).toEqual(first)
  })

  test('a meeting that was removed is not made again by an update', async () => {
    const { folder } = await startCompanion()
    const key = newKey()
    await askCompanion(folder, 'schedule', { key, appointment })
    await askCompanion(folder, 'remove', { key })
    const before = world().zoom.meetings().length
    for (const method of ['update', 'state'])
      expect(
        await askCompanion(folder, method, method === 'update' ? { key, appointment } : { key }),
      ).toEqual({
        error: {
          code: -32000,
          message: 'This Zoom meeting was removed. Choose Add Zoom meeting to create a new one.',
          data: { problem: 'meeting_gone', status: 410 },
        },
      })
    expect(world().zoom.meetings()).toHaveLength(before)
  })

  test('the invitation and what the service refuses are in the language of the computer', async () => {
    const { folder } = await startCompanion({}, undefined, 'de')
    const key = newKey()
    expect(await askCompanion(folder, 'schedule', { key, appointment })).toMatchObject({
      result: { invitation: expect.stringContaining('Zoom-Meeting beitreten\nhttps://') },
    })
    await askCompanion(folder, 'remove', { key })
    expect(await askCompanion(folder, 'state', { key })).toMatchObject({
      error: { message: expect.stringContaining('Dieses Zoom-Meeting') },
    })
  })

  test('a sixth fact is refused by its name, and what it held is not repeated', async () => {
    const { folder } = await startCompanion()
    const attendees = 'grace@fabrikam.example'
    const before = world().zoom.requests().length
    const answer = await askCompanion(folder, 'schedule', {
      key: newKey(),
      appointment: { ...appointment, attendees },
    })
    expect(answer).toEqual({
      error: {
        code: -32602,
        message:
          'Zoom cannot schedule this appointment until you change it. Its attendees is not one of the fields.',
        data: {
          problem: 'invalid_appointment',
          status: 422,
          field: 'attendees',
          why: 'is not one of the fields',
        },
      },
    })
    expect(world().zoom.requests()).toHaveLength(before)
  })

  test.each([
    ['a key of another form', 'schedule', { key: 'short', appointment }, 'key'],
    ['no key', 'remove', {}, 'key'],
    ['another parameter', 'state', { key: newKey(), attendees: [] }, 'params'],
    ['a list of parameters', 'remove', ['key'], 'params'],
    [
      'no date',
      'schedule',
      { key: newKey(), appointment: { ...appointment, start: '2030-02-30T09:00:00Z' } },
      'start',
    ],
  ])('%s is refused, and the field is named', async (_, method, params, field) => {
    const { folder } = await startCompanion()
    expect(await askCompanion(folder, method, params)).toMatchObject({
      error: { code: -32602, data: { field } },
    })
  })

  test('what the service refuses comes back with its sentence', async () => {
    const { folder } = await startCompanion()
    world().faults.add({ vendor: 'zoom', match: 'POST /v2/users', status: 429, times: 9 })
    expect(await askCompanion(folder, 'schedule', { key: newKey(), appointment })).toEqual({
      error: {
        code: -32000,
        message: 'Zoom is busy. Try again in a minute.',
        data: { problem: 'zoom_busy', status: 503 },
      },
    })
  })

  test('a service that cannot be reached, and one that refuses the sign-in, are told apart', async () => {
    const act = createActs(createClient('http://127.0.0.1:9', async () => ''))
    const unreachable = await startCompanion({ act })
    expect(await askCompanion(unreachable.folder, 'remove', { key: newKey() })).toMatchObject({
      error: { data: { problem: 'service_unreachable', status: 503 } },
    })
    const { folder } = await startCompanion({}, async () => 'nobody')
    expect(await askCompanion(folder, 'remove', { key: newKey() })).toMatchObject({
      error: { data: { problem: 'sign_in_refused', status: 403 } },
    })
  })

  test('what is no request is refused in the words of JSON-RPC, and the next one is answered', async () => {
    const { folder } = await startCompanion()
    const connection = await greeted(noteOf(folder))
    const asked: [line: string | Buffer, code: number, id: unknown][] = [
      ['{', -32700, null],
      ['', -32700, null],
      [Buffer.from([0x22, 0xff, 0x22]), -32700, null],
      ['[]', -32600, null],
      ['{"jsonrpc":"2.0","method":"remove","params":{}}', -32600, null],
      ['{"jsonrpc":"1.0","id":7,"method":"remove"}', -32600, 7],
      ['{"jsonrpc":"2.0","id":"a","method":"toString"}', -32601, 'a'],
      ['{"jsonrpc":"2.0","id":8,"method":"remove"}\r', -32602, 8],
    ]
    for (const [line, code, id] of asked) {
      connection.socket.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]))
      expect(await connection.hear()).toMatchObject({ jsonrpc: '2.0', id, error: { code } })
    }
  })

  test('what a plug-in sends before it ends its side is answered', async () => {
    const { folder } = await startCompanion()
    const connection = await greeted(noteOf(folder))
    connection.socket.end(
      '{"jsonrpc":"2.0","id":3,"method":"remove","params":{"key":"kkkkkkkkkkkkkkkkkkkkkk"}}\n',
    )
    expect(await connection.hear()).toEqual({ jsonrpc: '2.0', id: 3, result: {} })
    expect(await connection.hear()).toBeUndefined()
  })

  test('a plug-in that is killed while Zoom works finds its meeting by its key', async () => {
    const { folder } = await startCompanion()
    const key = newKey()
    const before = world().zoom.meetings().length
    const connection = await greeted(noteOf(folder))
    world().faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    connection.say({ jsonrpc: '2.0', id: 3, method: 'schedule', params: { key, appointment } })
    await untilHeld(world().faults)
    connection.socket.destroy()
    await world().faults.release()
    expect(await askCompanion(folder, 'schedule', { key, appointment })).toMatchObject({ result: {} })
    expect(world().zoom.meetings()).toHaveLength(before + 1)
  })
})

describe('nobody else', () => {
  test.each([
    ['a wrong secret', (note: Note) => ({ ...note, secret: '00'.repeat(32) }), 'plug-in'],
    ['the address of another pipe', (note: Note) => ({ ...note, address: `${note.address}x` }), 'plug-in'],
    ['the role of the companion', (note: Note) => note, 'companion'],
  ])('who proves with %s is refused', async (_, wrong, role) => {
    const { folder } = await startCompanion()
    const connection = await connectTo(noteOf(folder).address)
    await greet(connection, wrong(noteOf(folder)), role)
    expect(await connection.hear()).toMatchObject({ id: 2, ...refused })
    expect(await connection.hear()).toBeUndefined()
  })

  test('who sends the companion its own proof is refused', async () => {
    const { folder } = await startCompanion()
    const connection = await connectTo(noteOf(folder).address)
    connection.say(hello)
    const { result } = await connection.hear()
    connection.say(prove(result.proof))
    expect(await connection.hear()).toMatchObject(refused)
  })

  test('who repeats what was said in another connection is refused', async () => {
    const { folder } = await startCompanion()
    const note = noteOf(folder)
    const { nonce: theirs } = await greet(await connectTo(note.address), note)
    const replayed = await connectTo(note.address)
    replayed.say(hello)
    const { result } = await replayed.hear()
    expect(result.nonce).not.toBe(theirs)
    replayed.say(prove(proofOf(note.secret, 'plug-in', note.address, nonce, theirs)))
    expect(await replayed.hear()).toMatchObject(refused)
  })

  test.each([
    ['an act', { jsonrpc: '2.0', id: 1, method: 'remove', params: { key: 'kkkkkkkkkkkkkkkkkkkkkk' } }],
    ['a proof', prove('00'.repeat(32))],
    ['a nonce that is none', { ...hello, params: { version: 1, nonce: 'ab' } }],
  ])('who begins with %s is refused', async (_, first) => {
    const { folder } = await startCompanion()
    const connection = await connectTo(noteOf(folder).address)
    connection.say(first)
    expect(await connection.hear()).toMatchObject(refused)
    expect(await connection.hear()).toBeUndefined()
  })

  test('who speaks another version is told which one this is', async () => {
    const { folder } = await startCompanion()
    const connection = await connectTo(noteOf(folder).address)
    connection.say({ ...hello, params: { version: 2, nonce } })
    expect(await connection.hear()).toMatchObject({ error: { code: -32002, data: { version: 1 } } })
  })

  test('a plug-in tells nothing to who has taken the place of the companion', async () => {
    const folder = newFolder()
    const address = join(folder, 'squatted.sock')
    const heard: string[] = []
    const squatter = createServer((socket: Socket) => {
      createInterface({ input: socket }).on('line', (line) => {
        heard.push(JSON.parse(line).method)
        const result = { version: 1, nonce, proof: nonce }
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n`)
      })
    }).listen(address)
    onTestFinished(() => void squatter.close())
    await once(squatter, 'listening')
    writeFileSync(noteIn(folder), JSON.stringify({ version: 1, address, secret: nonce }), { mode: 0o600 })
    await expect(askCompanion(folder, 'remove', { key: newKey() })).rejects.toThrow(
      'does not know the secret',
    )
    expect(heard).toEqual(['hello'])
  })

  test.skipIf(process.getuid?.() !== 0)('another user can neither read the secret nor connect', async () => {
    const { folder } = await startCompanion()
    const { address } = noteOf(folder)
    const asNobody = (program: string) =>
      spawnSync(process.execPath, ['-e', program, folder, address], {
        uid: 65534,
        gid: 65534,
        encoding: 'utf8',
        cwd: '/',
      })
    const read = asNobody(`require('fs').readFileSync(process.argv[1] + '/plug-in-bridge.json')`)
    const connecting = asNobody(
      `require('net').connect(process.argv[2]).on('connect', () => console.log('in'))`,
    )
    expect(read.stderr).toContain('EACCES')
    expect(connecting).toMatchObject({ stdout: '', stderr: expect.stringContaining('EACCES') })
    // The same with the folder open: the socket and the note are the person's alone.
    chmodSync(folder, 0o755)
    expect(asNobody(`require('fs').readFileSync(process.argv[1] + '/plug-in-bridge.json')`).stderr).toContain(
      'EACCES',
    )
    expect(asNobody(`require('net').connect(process.argv[2])`).stderr).toContain('EACCES')
  })

  test.skipIf(process.platform === 'win32')(
    'the secret is in a file that only this user can read',
    async () => {
      const folder = join(newFolder(), 'made')
      await startCompanion({ folder })
      expect(lstatSync(folder).mode & 0o777).toBe(0o700)
      expect(lstatSync(noteIn(folder)).mode & 0o777).toBe(0o600)
      expect(lstatSync(noteOf(folder).address).mode & 0o777).toBe(0o600)
    },
  )
})

describe('on this machine', () => {
  const start = (folder: string) => startCompanion({ folder })

  test.skipIf(process.platform === 'win32')(
    'a folder that others can read, or that is a link, is not used',
    async () => {
      const open = newFolder()
      chmodSync(open, 0o755)
      await expect(start(open)).rejects.toThrow('open to other users')
      const link = join(newFolder(), 'link')
      symlinkSync(newFolder(), link)
      await expect(start(link)).rejects.toThrow('open to other users')
    },
  )

  test.skipIf(process.platform === 'win32')(
    'a link at the place of the note is neither read nor written through',
    async () => {
      const [folder, other] = [newFolder(), newFolder()]
      const target = join(other, 'mine')
      writeFileSync(target, 'unchanged')
      symlinkSync(target, noteIn(folder))
      await expect(start(folder)).rejects.toThrow('is a link')
      expect(readFileSync(target, 'utf8')).toBe('unchanged')
    },
  )

  test.skipIf(process.platform === 'win32')('a note that others can read is not trusted', async () => {
    const folder = newFolder()
    writeFileSync(noteIn(folder), '{}')
    chmodSync(noteIn(folder), 0o644)
    await expect(start(folder)).rejects.toThrow('open to other users')
  })

  test('a companion that was killed is replaced, and its socket removed', async () => {
    const folder = newFolder()
    const address = join(folder, 'dead.sock')
    const program = `require('net').createServer().listen(${JSON.stringify(address)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', program])
    writeFileSync(noteIn(folder), JSON.stringify({ version: 1, address, secret: nonce }), { mode: 0o600 })
    expect(existsSync(address)).toBe(true)
    await start(folder)
    expect(existsSync(address)).toBe(false)
    expect(await askCompanion(folder, 'remove', { key: newKey() })).toEqual({ result: {} })
  })

  test('a second companion of the same user does not start, and the first one goes on', async () => {
    const { folder } = await startCompanion()
    await expect(start(folder)).rejects.toThrow('running already')
    expect(await askCompanion(folder, 'remove', { key: newKey() })).toEqual({ result: {} })
  })

  test('of two companions that have started at the same moment one ends', async () => {
    const limits = { look: 50 }
    const folder = newFolder()
    const first = await startCompanion({ folder, limits })
    const note = readFileSync(noteIn(folder))
    rmSync(noteIn(folder))
    const second = await startCompanion({ folder, limits: { look: 1_000_000 } })
    expect(await first.ended).toBe('replaced')
    expect(readFileSync(noteIn(folder))).not.toEqual(note)
    expect(await askCompanion(folder, 'remove', { key: newKey() })).toEqual({ result: {} })
    await second.stop()
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    ['removed', (folder: string) => rmSync(noteIn(folder))],
    ['overwritten', (folder: string) => writeFileSync(noteIn(folder), 'nothing')],
    [
      'replaced by one of a companion that is dead',
      (folder: string) =>
        writeFileSync(
          noteIn(folder),
          JSON.stringify({ version: 1, address: join(folder, 'dead'), secret: nonce }),
        ),
    ],
    ['removed with its folder', (folder: string) => rmSync(folder, { recursive: true })],
    ['left, and its socket removed', (folder: string) => rmSync(noteOf(folder).address)],
  ])('a note that is %s while the companion runs comes back', async (_, harm) => {
    const { folder } = await startCompanion({ limits: { look: 50 } })
    harm(folder)
    const ask = () => askCompanion(folder, 'remove', { key: newKey() }).catch(String)
    await expect.poll(ask).toEqual({ result: {} })
  })

  test.skipIf(process.platform === 'win32')(
    'a folder whose path is too long for a socket has it elsewhere',
    async () => {
      const folder = join(newFolder(), 'a'.repeat(100))
      mkdirSync(folder, { mode: 0o700 })
      const { stop } = await startCompanion({ folder })
      const { address } = noteOf(folder)
      expect(Buffer.byteLength(address)).toBeLessThan(104)
      expect(await askCompanion(folder, 'remove', { key: newKey() })).toEqual({ result: {} })
      await stop()
      expect(existsSync(join(address, '..'))).toBe(false)
    },
  )

  test('a companion that ends leaves nothing', async () => {
    const { folder, stop } = await startCompanion()
    expect(await stop()).toBe('stopped')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('with too much or too little', () => {
  test('connections that say nothing are ended', async () => {
    const { folder } = await startCompanion({ limits: { handshake: 300 } })
    const { hear } = await connectTo(noteOf(folder).address)
    expect(await hear()).toBeUndefined()
  })

  test('of too many connections that say nothing the oldest are ended, and a plug-in is let in', async () => {
    const { folder } = await startCompanion({ limits: { handshake: 1_000_000, unproven: 4 } })
    const { address } = noteOf(folder)
    const silent: Connection[] = []
    for (let opened = 0; opened < 10; opened++) silent.push(await connectTo(address))
    expect(await Promise.all(silent.slice(0, 6).map(({ hear }) => hear()))).toEqual(Array(6).fill(undefined))
    expect(await askCompanion(folder, 'remove', { key: newKey() })).toEqual({ result: {} })
  })

  test('more connections than a person needs are refused, until one ends', async () => {
    const { folder } = await startCompanion({ limits: { proven: 2 } })
    const note = noteOf(folder)
    const [one] = [await greeted(note), await greeted(note)]
    expect(await askCompanion(folder, 'remove', { key: newKey() })).toMatchObject({ error: { code: -32000 } })
    one.socket.destroy()
    const ask = () => askCompanion(folder, 'remove', { key: newKey() })
    await expect.poll(ask).toEqual({ result: {} })
  })

  test('a line that is too long is refused before and after the proof', async () => {
    const { folder } = await startCompanion()
    const note = noteOf(folder)
    for (const connection of [await connectTo(note.address), await greeted(note)]) {
      connection.socket.write('x'.repeat(20_000))
      expect(await connection.hear()).toMatchObject({ error: { code: -32600 } })
      expect(await connection.hear()).toBeUndefined()
    }
  })

  test('a line whose bytes come one by one is given up', async () => {
    const { folder } = await startCompanion({ limits: { line: 1_500 } })
    const connection = await greeted(noteOf(folder))
    const dripping = setInterval(() => connection.socket.write(' '), 20)
    onTestFinished(() => clearInterval(dripping))
    expect(await connection.hear()).toBeUndefined()
  })

  test('a connection that is silent after its proof is ended', async () => {
    const { folder } = await startCompanion({ limits: { idle: 1_500 } })
    expect(await (await greeted(noteOf(folder))).hear()).toBeUndefined()
  })

  test('who asks and never reads is read no further, and ended', async () => {
    const { folder } = await startCompanion({ limits: { line: 1_500 } })
    const { socket } = await greeted(noteOf(folder))
    const ended = new Promise((resolve) => socket.on('close', resolve))
    socket.pause()
    // Each answer is longer than its question, and the buffers between both end somewhere.
    const question = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'none' })}\n`
    for (let asked = 0; asked < 40_000; asked++) socket.write(question)
    await ended
    expect(socket.bytesRead).toBeLessThan(40_000 * 50)
  })
})
