import { describe } from 'vitest'
import { walk } from './walk.ts'

describe('exchange 2019', () => walk('exchange-2019'))
describe('hybrid', () => walk('hybrid'))
