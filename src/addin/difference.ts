import { type Difference, differenceFrom } from '../contract/difference.ts'
import { meetingPath } from '../contract/paths.ts'
import type { Service } from './service.ts'

export const differenceOf = async ({ sendProven }: Service, key: string): Promise<Difference> =>
  differenceFrom(await sendProven('GET', meetingPath(key)))
