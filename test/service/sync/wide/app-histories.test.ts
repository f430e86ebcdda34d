import { histories } from '../histories.ts'

histories({ app: true })
