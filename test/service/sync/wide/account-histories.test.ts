import { histories } from '../histories.ts'

histories({ mixed: true, account: true })
