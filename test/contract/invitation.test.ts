import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  htmlOf,
  type Invited,
  invitationLabels,
  invitationOf,
  textOf,
} from '../../src/contract/invitation.ts'
import { emptyTemplate, faultIn } from '../../src/contract/invitation-template.ts'

const meeting = (before: string, more: Partial<Invited> = {}): Invited => ({
  id: '81234567890',
  joinUrl: 'https://zoom.us/j/81234567890?pwd=a&b=1',
  passcode: '123456',
  ...more,
  invitation: { before },
})
const made = (before: string, name?: string, more: Partial<Invited> = {}) =>
  invitationOf(meeting(before, more), { labels: invitationLabels, name, direction: 'ltr' })
const html = (before: string, name?: string) => htmlOf(made(before, name))
const text = (before: string, name?: string) => textOf(made(before, name))

test('from right to left, an invitation keeps each number together from left to right', () => {
  const dialIn = 'المملكة المتحدة +44 20 7946 0100\nفرنسا 01 55 50 01 23'
  const all = textOf(
    invitationOf(meeting('{meetingId}, {passcode}', { dialIn }), {
      ...{ labels: invitationLabels, name: undefined, direction: 'rtl' },
    }),
  )
  for (const line of [
    '\u2066812 3456 7890\u2069, \u2066123456\u2069',
    'المملكة المتحدة \u2066+44 20 7946 0100\u2069',
    'فرنسا \u206601 55 50 01 23\u2069',
  ])
    expect(all.split('\n')).toContain(line)
})

describe('a template', () => {
  test('has bold letters, links, placeholders and paragraphs, as HTML and as plain text', () => {
    const template = '{name} **invites** you.\nRead [our rules](https://contoso.example/rules).\n\nBye'
    expect(html(template, 'Ada & Co')).toMatch(
      /^<p>Ada &amp; Co <strong>invites<\/strong> you\.<br>Read <a href="https:\/\/contoso\.example\/rules">our rules<\/a>\.<\/p><p>Bye<\/p>/,
    )
    expect(text(template, 'Ada')).toMatch(
      /^Ada invites you\.\nRead our rules \(https:\/\/contoso\.example\/rules\)\.\n\nBye\n\nJoin Zoom Meeting\n/,
    )
  })

  test('leaves out a line whose placeholder has no value', () => {
    expect(text('{name} invites you.\nWelcome')).toMatch(/^Welcome\n/)
  })

  test('means a character as such behind a backslash', () => {
    expect(text('\\{name} \\[a\\] \\*\\*b\\*\\* \\\\')).toMatch(/^\{name\} \[a\] \*\*b\*\* \\\n/)
  })

  test.each(['{passcode}', '**{link}**', '[a](https://evil.example)', '<b>x</b>', '\\{meetingId}'])(
    'takes a name that is %s as its letters',
    (name) => {
      expect(text('{name} invites you', name)).toContain(`${name} invites you`)
      const written = html('{name} invites you', name)
      expect(written).not.toContain('evil.example"')
      expect(written).not.toContain('<b>')
    },
  )

  test('takes from a name what would turn the letters beside it', () => {
    expect(text('{name} invites you', 'A\u202Eda\u0007\nB')).toContain('AdaB invites you')
  })

  test('that is accepted makes only our own elements, whatever it says', () => {
    const piece = fc.constantFrom(
      ...[
        '<script>',
        '</p>',
        '<img src=x onerror=alert(1)>',
        '**',
        '[a](https://b.example)',
        '&lt;',
        '"',
        "'",
      ],
      ...[
        '{name}',
        '{link}',
        '\\',
        '[',
        '](',
        'javascript:alert(1)',
        '\n',
        ' ',
        '{{',
        '<!--',
        '--\u003e',
        'x',
      ],
    )
    const any = fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }).map((all) => all.join(''))
    fc.assert(
      fc.property(any, any, (template, name) => {
        const texts = { other: { before: template, after: '' } }
        if (faultIn({ ...emptyTemplate, texts })) return
        const tags = html(template, name).match(/<[^>]*>/g) ?? []
        for (const tag of tags)
          expect(tag).toMatch(/^<(\/?p|br|\/?strong|\/a|a href="(https:\/\/|mailto:|tel:)[^"<>\s]+")>$/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('that is not accepted, such as one of an earlier version, still makes no element of its own', () => {
    expect(html('[x](javascript:alert(1)) <script>')).toContain('[x](javascript:alert(1)) &lt;script&gt;')
  })
})
