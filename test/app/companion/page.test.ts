import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { proofOf } from '../../../src/app/companion/handshake.ts'
import { blocksOf } from '../../guide.ts'
import { noteOf, startCompanion, usingWorld } from './kit.ts'

usingWorld()

const page = 'docs/plug-in-bridge.md'
const blocksUnder = (title: string) => {
  const found = blocksOf(page).filter(({ heading }) => heading === title)
  if (found.length === 0) throw new Error(`${page} has no block under "${title}"`)
  return found.map(({ text }) => text)
}

interface Said {
  by: '→' | '←'
  line: string
  words: Record<string, never> & { result?: Record<string, string>; params?: Record<string, string> }
}

const dialogueOf = (text = ''): Said[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => ({ by: line[0] as '→', line: line.slice(2), words: JSON.parse(line.slice(2)) }))

const [note = ''] = blocksUnder('Find the companion')
const [greeting, signed = ''] = blocksUnder('Prove yourself')
const [acts] = blocksUnder('Ask for a meeting')

test('the proofs of the page are right for its note and its nonces', () => {
  const { address, secret } = JSON.parse(note)
  const [hello, theirs, prove] = dialogueOf(greeting).map(({ words }) => words)
  const [, role, ...rest] = signed.trimEnd().split('\n')
  const transcript = {
    address,
    plugInNonce: hello?.params?.nonce ?? '',
    companionNonce: theirs?.result?.nonce ?? '',
  }
  expect([role, ...rest]).toEqual(['companion', ...Object.values(transcript)])
  expect(theirs?.result?.proof).toBe(proofOf(secret, 'companion', transcript))
  expect(prove?.params?.proof).toBe(proofOf(secret, 'plug-in', transcript))
})

test('the note of a companion has the members of the page, and what the page sends is answered as it says', async () => {
  const { folder } = await startCompanion()
  const { address, secret } = noteOf(folder)
  expect(Object.keys(noteOf(folder)).sort()).toEqual(Object.keys(JSON.parse(note)).sort())

  const socket = connect(address)
  onTestFinished(() => void socket.destroy())
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const hear = async () => String((await lines.next()).value)
  const send = (line: string) => socket.write(`${line}\n`)

  const [hello, theirs, prove, admitted] = dialogueOf(greeting) as [Said, Said, Said, Said]
  send(hello.line)
  const answer = JSON.parse(await hear())
  const transcript = {
    address,
    plugInNonce: hello.words.params?.nonce ?? '',
    companionNonce: answer.result.nonce,
  }
  expect(answer.result.proof).toBe(proofOf(secret, 'companion', transcript))
  expect(formOf(JSON.stringify(answer))).toBe(formOf(theirs.line))
  send(prove.line.replace(/[0-9a-f]{64}/, proofOf(secret, 'plug-in', transcript)))
  expect(await hear()).toBe(admitted.line)

  const dialogue = dialogueOf(acts)
  expect(dialogue.map(({ by }) => by).join('')).toBe('→←'.repeat(dialogue.length / 2))
  for (const { by, line } of dialogue)
    if (by === '→') send(line)
    else expect(formOf(await hear())).toBe(formOf(line))
})

/** The line, byte for byte, but for what Zoom and chance decide. */
const formOf = (line: string) =>
  line
    .replace(/\\n\\nDial in:[^"]*/, '')
    .replace(/"[0-9a-f]{64}"/g, '"random"')
    .replace(/\d{3} \d{3,4} \d{4}|\d{10,11}/g, 'id')
    .replace(/https:\/\/[^"\\]+/g, 'https://link')
    .replace(/("passcode":"|Passcode: )[^"\\]+/g, '$1code')

test('the reference plug-in signs what the page says, and reads five facts of the appointment and no sixth', () => {
  const script = readFileSync('deploy/plug-in.ps1', 'utf8')
  const [protocol = ''] = signed.split('\n')
  expect(script).toContain(`('${protocol}', $Role, $Note.address, $PlugInNonce, $CompanionNonce) -join "\`n"`)
  const named = [...script.matchAll(/\$appointment\.(\w+)/g)].map(([, member = '']) => member)
  expect([...new Set(named)].sort()).toEqual(
    ['Subject', 'StartUTC', 'Duration', 'StartTimeZone', 'IsRecurring', 'Save', 'UserProperties'].sort(),
  )
  // The item is reached by no other name.
  expect(script.match(/CurrentItem[^\s;]*/g)).toEqual(['CurrentItem.Class', 'CurrentItem'])
})
