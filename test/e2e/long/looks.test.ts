import { beforeEach, describe, test } from 'vitest'
import { judgeAccount, judgeMeeting, judgeOutlook, looks } from '../looks.ts'
import { simulator } from '../outlook.ts'

beforeEach(simulator.reset)

describe.each(Object.values(looks))('in $name axe finds no fault', (look) => {
  test('while a meeting is added, and when something fails', () => judgeMeeting(look))
  test('in what the pane says of an account', () => judgeAccount(look))
  test('in the page of the simulated Outlook', () => judgeOutlook(look))
})
