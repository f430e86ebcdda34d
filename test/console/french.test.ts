import { expect, test } from 'vitest'
import { acts as french } from '../../src/console/french-acts.ts'
import { acts } from '../../src/service/audit/acts.ts'

test('every act of the audit trail has a French name', () => {
  expect(Object.keys(french).sort()).toEqual(Object.keys(acts).sort())
})
