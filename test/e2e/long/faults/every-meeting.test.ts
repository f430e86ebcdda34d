import { allDone, begin, expectTyped, expectWhole, isWhole, keep, pressAdd, typed } from './appointment.ts'
import { matrix } from './matrix.ts'

await matrix(
  [
    {
      name: 'a new appointment, where every one gets a meeting',
      prepare: async ({ simulator, page }) => {
        await page.goto('about:blank')
        await simulator.reset()
        await simulator.endZoomTokens()
      },
      async act(lane) {
        await begin(lane)
        await allDone(lane)
      },
      async holds(lane) {
        const kept = await keep(lane)
        expectTyped(kept, typed.subject)
        return isWhole(lane, kept)
      },
      again: pressAdd,
      ends: async (lane) => expectWhole(lane, await keep(lane)),
    },
  ],
  { EVERY_MEETING: 'true' },
)
