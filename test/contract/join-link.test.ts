import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { joinLinksAt } from '../../src/contract/join-link.ts'

const joinLinkIn = joinLinksAt()

const places = ['note', 'location', 'conference', 'text'] as const

const unescaped = (text: string) =>
  text.replace(/\\(n|r|\\|u([\da-f]{4}))/g, (_, what: string, code?: string) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : ({ n: '\n', r: '\r' }[what] ?? '\\'),
  )

const cases = readFileSync(new URL('join-links.txt', import.meta.url), 'utf8')
  .replace(/^#.*\n/gm, '')
  .trim()
  .split(/\n\n+/)
  .map((paragraph) => {
    const [about = '', ...lines] = paragraph.split('\n')
    const answer = lines.pop() ?? ''
    const of = (place: string) => {
      const line = lines.find((line) => line.split(' ')[0] === place)
      return line === undefined ? undefined : unescaped(line.slice(place.length + 1))
    }
    return { about, given: places.map(of), link: answer === '-' ? undefined : answer.slice(2) }
  })

describe('the join link of an invitation', () => {
  test.each(cases)('$about', ({ given, link }) => {
    expect(joinLinkIn(...given)).toBe(link)
    // What was found is found again, as it is.
    expect(joinLinkIn(link)).toBe(link)
  })

  test('a wrapper around wrappers around wrappers is opened five times and no more', () => {
    const wrap = (address: string) =>
      `https://eur03.safelinks.protection.outlook.com/?url=${encodeURIComponent(address)}&data=1`
    const wrapped = [1, 2, 3, 4, 5].reduce(wrap, 'https://zoom.us/j/91234567890')
    expect(joinLinkIn(wrapped)).toBe('https://zoom.us/j/91234567890')
    expect(joinLinkIn(wrap(wrapped))).toBeUndefined()
  })

  test.each([
    ['https://zoom.example:3002/j/91234567890?pwd=abc', 'https://zoom.example:3002/j/91234567890?pwd=abc'],
    ['https://zoom.us/j/91234567890', 'https://zoom.us/j/91234567890'],
    ['https://zoom.example:3002/oauth/authorize', undefined],
    ['https://zoom.example/j/91234567890', undefined],
    ['https://zoom.example:3002.evil.example/j/91234567890', undefined],
    ['https://ada@zoom.example:3002/j/91234567890', undefined],
    ['http://zoom.example:3002/j/91234567890', undefined],
  ])('is at the Zoom that the service is set to, too: %s', (text, link) => {
    expect(joinLinksAt('https://zoom.example:3002')(text)).toBe(link)
    expect(joinLinksAt('http://zoom.example:3002')(text?.replace('https', 'http'))).toBeUndefined()
  })

  // Each would take hours with an expression that tries every way of reading it.
  test.each([
    ['points', 'a.'.repeat(500_000)],
    ['angle brackets', '<https:'.repeat(140_000)],
    ['brackets', '('.repeat(1_000_000)],
    ['entities', `https://zoom.us/j/1${'&amp;'.repeat(190_000)}`],
    ['punctuation', `https://zoom.us/${'.'.repeat(900_000)}a`],
    ['asterisks', `https://urldefense.com/v3/__${'*'.repeat(900_000)}`],
    ['underscores', `https://urldefense.com/v3/__${'__'.repeat(400_000)}`],
  ])('a text of a million characters that is nothing but %s is read like another', (_, text) => {
    expect(joinLinkIn(text)).toBeUndefined()
  })
})
