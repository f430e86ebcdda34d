import { describe } from 'vitest'
import { walk } from './walk.ts'

describe('exchange online without a bridge', () => walk('no-bridge'))
describe('outlook.com', () => walk('outlook-com'))
