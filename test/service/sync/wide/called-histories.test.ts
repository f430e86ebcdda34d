import { histories } from '../histories.ts'

histories(true, true)
