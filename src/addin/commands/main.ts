import { compose } from '../compose.ts'
import { associate } from '../functions/associate.ts'
import { speakAsOutlook } from '../texts/i18n.ts'

const addIn = compose()

/** The function of the button "Add Zoom meeting", by its name in the manifest. The result is shown above the appointment. */
Office.onReady(async () => {
  await speakAsOutlook()
  associate('addZoomMeeting', async (event) => {
    try {
      await addIn.addZoomMeeting()
    } catch (problem) {
      console.warn(problem)
    } finally {
      event.completed()
    }
  })
})
