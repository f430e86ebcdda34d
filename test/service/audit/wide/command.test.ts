import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { engines } from '../../kit.ts'
import { command, openTrail } from '../kit.ts'

test('an export is verified without a database, whole and in part', async () => {
  const trail = await openTrail(engines.at(-1) ?? 'embedded')
  onTestFinished(trail.close)
  const { ended } = trail.appender(6)
  await ended
  const admin = (...args: string[]) => command(trail.environment, 'admin', 'audit', ...args)
  expect(await admin('verify')).toMatchObject({
    code: 0,
    output: 'The audit trail is intact. Records 1 to 6. No checkpoints were compared.\n',
  })
  const exported = await admin('export')
  expect(exported).toMatchObject({ code: 0, errors: '8 records exported.\n' })
  const file = join(trail.folder, 'export.jsonl')
  writeFileSync(file, exported.output)
  const offline = (...args: string[]) => command({}, 'admin', 'audit', 'verify', '--file', file, ...args)
  expect(await offline()).toMatchObject({ code: 0 })
  const later = await admin('export', '--from', '4')
  writeFileSync(file, later.output)
  const partly = await offline('--json')
  expect(JSON.parse(partly.output)).toMatchObject({ intact: true, first: 4 })
  const lines = later.output.trim().split('\n')
  writeFileSync(file, `${lines.slice(0, -2).join('\n')}\n`)
  expect(await offline()).toMatchObject({
    code: 1,
    output: expect.stringContaining('does not end with its own'),
  })
  writeFileSync(file, lines.toSpliced(2, 1).join('\n'))
  expect(await offline()).toMatchObject({ code: 1, output: expect.stringMatching(/^Record 6 is missing/) })
})

describe('the command', () => {
  const mistakes: [string, string[], RegExp][] = [
    ['no known command', ['admin', 'weather'], /^There is no command "admin weather"\n.*--help/],
    ['no known command of the audit', ['admin', 'audit', 'forget'], /^There is no command "audit forget"/],
    ['an option that it does not know', ['admin', 'audit', 'verify', '--force'], /^Unknown option '--force'/],
    ['another format', ['admin', 'audit', 'export', '--format', 'xml'], /^--format must be jsonl or ocsf/],
    ['a number that is none', ['admin', 'audit', 'export', '--from', '-1'], /--from/],
    [
      'a file that is not there',
      ['admin', 'audit', 'verify', '--file', 'gone'],
      /^gone cannot be read: ENOENT/,
    ],
    [
      'checkpoints that are not there',
      ['admin', 'audit', 'verify', '--checkpoints', 'gone'],
      /^gone cannot be read/,
    ],
    ['no database', ['admin', 'audit', 'verify'], /^There is no database in \.data/],
  ]
  test.each(mistakes)('with %s says so and ends with 2', async (_, args, says) => {
    const { code, output, errors } = await command({}, ...args)
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(errors).toMatch(says)
    expect(errors).not.toContain('    at ')
  })

  test('of a database that does not answer says so without the password', async () => {
    const settings = { DATABASE_URL: 'postgres://service:Passw0rd@127.0.0.1:1/service' }
    const { code, errors } = await command(settings, 'admin', 'audit', 'verify')
    expect(code).toBe(2)
    expect(errors).toMatch(/ECONNREFUSED/)
    expect(errors).not.toContain('Passw0rd')
  })

  test('explains itself', async () => {
    for (const args of [[], ['--help'], ['admin', 'audit', 'verify', '--help']]) {
      const { code, output } = await command({}, ...args)
      expect(code).toBe(0)
      expect(output).toContain('admin audit verify')
    }
  })
})
