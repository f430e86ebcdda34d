import { compose } from '../compose.ts'

const addIn = compose()

/** The function of the button "Add Zoom meeting", by its name in the manifest. The result is shown above the appointment. */
Office.actions.associate('addZoomMeeting', async (event: Office.AddinCommands.Event) => {
  try {
    await addIn.addZoomMeeting()
  } catch (problem) {
    console.warn(problem)
  } finally {
    event.completed()
  }
})

Office.onReady()
