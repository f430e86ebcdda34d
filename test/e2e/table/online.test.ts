import { walk } from './walk.ts'

walk('exchange-online')
